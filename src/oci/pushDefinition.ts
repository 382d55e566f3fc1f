import type { Annotations } from './descriptor';
import { parseDestination } from './destination';
import { InvalidContentError } from './errors';

/** One file or folder to push. */
export interface DefinedFile {
  /** From the folder that the definition belongs to, with `/`; or absolute. */
  readonly path: string;
  /** Name in the artifact; by default the path, and of an absolute one the last part. */
  readonly title?: string;
  readonly mediaType?: string;
  readonly annotations?: Annotations;
}

/** A file to be the manifest's config. */
export interface DefinedConfig {
  readonly path: string;
  readonly mediaType?: string;
}

/**
 * All that a push is told, as JSON holds it: what a workspace keeps, what the form edits, what is pushed again. Each
 * member but `to` may be left out; what that means is said by the flag of `oras push` that it stands for.
 */
export interface PushDefinition {
  /** `registry/repository[:tag[,tag…]]` or `layout:/folder[:tag[,tag…]]`. */
  readonly to: string;
  readonly artifactType?: string;
  readonly files: readonly DefinedFile[];
  readonly config?: DefinedConfig;
  readonly annotations?: Annotations;
  readonly configAnnotations?: Annotations;
  /** Path of a file with annotations by part; those above count more. */
  readonly annotationFile?: string;
  readonly imageSpec?: 'v1.1' | 'v1.0';
  /** `os/architecture[/variant]` for a config that names it. */
  readonly artifactPlatform?: string;
  /** RFC 3339; now by default. */
  readonly created?: string;
  /** Name of the files in folders that say what is not pushed: `.ociignore` by default; `none` pushes all. */
  readonly ignoreFile?: string;
  /** Keeps the permissions of single files. */
  readonly keepModes?: boolean;
  /** Adds the address and commit of the git repository that the folder is in. */
  readonly gitStamp?: boolean;
  /** Repositories of the same registry that may have the blobs. */
  readonly mountFrom?: readonly string[];
  /** Looks for each blob even where the manifest is there. */
  readonly force?: boolean;
  /** Path of a file to write the manifest to. */
  readonly exportManifest?: string;
}

/** A definition and the absolute path of the folder that its relative paths start from. */
export interface DefinedPush {
  readonly definition: PushDefinition;
  readonly folder: string;
}

type Members = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => string | undefined;

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'is not a text');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'is neither true nor false');
const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => text(each) === undefined)
    ? undefined
    : 'is not a list of texts';
const annotations: Check = (value) =>
  isObject(value) && Object.values(value).every((each) => typeof each === 'string')
    ? undefined
    : 'is not an object of texts';
const imageSpec: Check = (value) =>
  value === 'v1.1' || value === 'v1.0' ? undefined : 'is neither "v1.1" nor "v1.0"';

const FILE: Readonly<Record<string, Check>> = { path: text, title: text, mediaType: text, annotations };
const CONFIG: Readonly<Record<string, Check>> = { path: text, mediaType: text };
const DEFINITION: Readonly<Record<string, Check>> = {
  to: destination,
  artifactType: text,
  files: files,
  config: config,
  annotations,
  configAnnotations: annotations,
  annotationFile: text,
  imageSpec,
  artifactPlatform: text,
  created: text,
  ignoreFile: text,
  keepModes: flag,
  gitStamp: flag,
  mountFrom: texts,
  force: flag,
  exportManifest: text,
};

/**
 * Reads a definition from JSON. A file, and the config, may be given by its path alone. `where` names it in errors.
 * Errors: InvalidContentError that names the member.
 */
export function parsePushDefinition(value: unknown, where: string): PushDefinition {
  if (!isObject(value)) throw new InvalidContentError(where, 'it is not an object');
  const problem = problemOf(value, DEFINITION) ?? (value['to'] === undefined ? '"to" is missing' : undefined);
  if (problem) throw new InvalidContentError(where, problem);
  const { files: listed = [], config: own, ...rest } = value;
  return {
    ...(rest as unknown as Pick<PushDefinition, 'to'>),
    files: (listed as readonly (string | DefinedFile)[]).map(withPath),
    ...(own !== undefined && { config: withPath(own as string | DefinedConfig) }),
  };
}

function withPath<T extends { readonly path: string }>(entry: string | T): T | { readonly path: string } {
  return typeof entry === 'string' ? { path: entry } : entry;
}

/** A member that nobody knows is refused: a word typed wrong would silently be left out. */
function problemOf(value: Members, checks: Readonly<Record<string, Check>>): string | undefined {
  for (const [name, member] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const problem = check ? check(member) : 'is not known';
    if (problem) return `"${name}" ${problem}`;
  }
  return undefined;
}

function destination(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'is not a text';
  try {
    parseDestination(value);
    return undefined;
  } catch (error) {
    return `is no destination: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function files(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'is not a list';
  return value.map((entry) => entryProblem(entry, FILE)).find(Boolean);
}

function config(value: unknown): string | undefined {
  return entryProblem(value, CONFIG);
}

function entryProblem(entry: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (typeof entry === 'string') return text(entry);
  if (!isObject(entry)) return 'has an entry that is neither a path nor an object';
  if (entry['path'] === undefined) return 'has an entry without "path"';
  const problem = problemOf(entry, checks);
  return problem && `has an entry in which ${problem}`;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
