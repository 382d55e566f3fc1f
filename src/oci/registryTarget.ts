import type { RegistryKind, RegistryProfile } from './registryProfile';
import type {
  BlobResolver,
  Mounter,
  Reader,
  ReferrerLister,
  Remover,
  RepositoryCreator,
  RepositoryLister,
  RepositoryPlace,
  RepositoryRemover,
  TagLister,
  TagRemover,
  WaitOptions,
  Writer,
} from './target';

/** A repository of a registry with all its abilities. */
export interface RepositoryTarget
  extends
    Reader,
    BlobResolver,
    Writer,
    Mounter,
    TagLister,
    ReferrerLister,
    Remover,
    TagRemover,
    RepositoryPlace {}

/**
 * How a registry let a request in: `open` when it never asked who sends it, `anonymous` with a token that anyone gets,
 * `credentials` with the user's.
 */
export type Access = 'open' | 'anonymous' | 'credentials';

/** What a registry said to `GET /v2/`. */
export interface PingResult {
  readonly access: Access;
  /** What the registry seems to be by its answer, where that tells. */
  readonly kind?: RegistryKind;
}

/** A registry: its repositories, listed where it can, opened by name always. */
export interface RegistryTarget extends RepositoryLister, RepositoryRemover, RepositoryCreator {
  readonly host: string;
  readonly profile: RegistryProfile;
  /** Errors: SignInRequiredError, NetworkError, RegistryError. Spec: distribution-spec v1.1.1, "Determining Support". */
  ping(options?: WaitOptions): Promise<PingResult>;
  repository(name: string): RepositoryTarget;
}
