/** The kinds of registry that are known by name. `generic` is any other. */
export type RegistryKind =
  | 'generic'
  | 'amazonEcr'
  | 'amazonEcrPublic'
  | 'azureAcr'
  | 'dockerHub'
  | 'github'
  | 'gitlab'
  | 'googleArtifactRegistry'
  | 'harbor'
  | 'quay';

/** What to say to a person who signs in to a kind of registry. Texts are sentences without Markdown. */
export interface SignInHint {
  /** A user name that never changes, e.g. `AWS`: it is not asked for. */
  readonly username?: string;
  readonly usernamePrompt?: string;
  readonly secretPrompt?: string;
  /** User names that each mean a kind of secret, e.g. Google's `_json_key`: one is chosen, or another typed. */
  readonly choices?: readonly SignInChoice[];
}

/** A user name that stands for a kind of secret. */
export interface SignInChoice {
  readonly username: string;
  readonly label: string;
  readonly detail: string;
  readonly secretPrompt: string;
  /** True when the secret is a file's whole text. */
  readonly fromFile?: true;
}

/** What people should know about a kind of registry; a hint, never a condition. */
export interface RegistryProfile {
  readonly kind: RegistryKind;
  /** As its maker writes it: `Azure Container Registry`. */
  readonly name: string;
  readonly signIn: SignInHint;
  /** What `namespaces` of a registry's settings are called where it lists within them only: `organization`, `project`. */
  readonly namespaceWord?: string;
  /** A push does not make its repository: it has to be created first. */
  readonly needsRepository?: boolean;
  /** Blobs without bytes are refused. */
  readonly refusesEmptyBlobs?: boolean;
}
