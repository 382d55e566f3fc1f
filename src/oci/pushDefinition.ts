import path from 'node:path';
import type { Annotations } from './descriptor';
import { parseDestination } from './destination';
import { InvalidContentError } from './errors';
import {
  flag,
  isA,
  listOf,
  objectOf,
  parsedBy,
  problemText,
  text,
  textOr,
  textsByName,
  type MemberChecks,
  type MemberProblem,
} from './memberChecks';
import { parsePlatform } from './platform';

/** One file or folder to push. */
export interface DefinedFile {
  /** From the folder that the definition belongs to, with `/`; or absolute. */
  readonly path: string;
  /** Name in the artifact; by default the path, and of an absolute one the last part. */
  readonly title?: string;
  readonly mediaType?: string;
  readonly annotations?: Annotations;
}

/** The name of a file in the artifact. */
export function titleOf({ path: given, title }: Pick<DefinedFile, 'path' | 'title'>): string {
  return title ?? (path.isAbsolute(given) ? path.basename(given) : given);
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
  /** Sends the manifest also where it is there. */
  readonly force?: boolean;
  /** Path of a file to write the manifest to. */
  readonly exportManifest?: string;
}

/** A definition and the absolute path of the folder that its relative paths start from. */
export interface DefinedPush {
  readonly definition: PushDefinition;
  readonly folder: string;
}

/** The members of a file that is not given by its path alone. */
export const FILE_MEMBERS: MemberChecks = {
  path: text,
  title: text,
  mediaType: text,
  annotations: textsByName,
};

/** The members of a config that is not given by its path alone. */
export const CONFIG_MEMBERS: MemberChecks = { path: text, mediaType: text };

/** The members of a definition. */
export const PUSH_MEMBERS: MemberChecks = {
  to: parsedBy(parseDestination, 'is no destination'),
  artifactType: text,
  files: listOf(textOr(objectOf(FILE_MEMBERS, ['path']))),
  config: textOr(objectOf(CONFIG_MEMBERS, ['path'])),
  annotations: textsByName,
  configAnnotations: textsByName,
  annotationFile: text,
  imageSpec: isA((value) => value === 'v1.1' || value === 'v1.0', 'is neither "v1.1" nor "v1.0"'),
  artifactPlatform: parsedBy(parsePlatform, 'is no platform'),
  created: text,
  ignoreFile: text,
  keepModes: flag,
  gitStamp: flag,
  mountFrom: listOf(text),
  force: flag,
  exportManifest: text,
};

/** What is wrong with a definition, and where in it; undefined when nothing is. */
export const pushDefinitionProblem: (value: unknown) => MemberProblem | undefined = objectOf(PUSH_MEMBERS, [
  'to',
]);

/**
 * Reads a definition from JSON. A file, and the config, may be given by its path alone. `where` names it in errors.
 * Errors: InvalidContentError that names the member.
 */
export function parsePushDefinition(value: unknown, where: string): PushDefinition {
  const problem = pushDefinitionProblem(value);
  if (problem) throw new InvalidContentError(where, problemText(problem));
  const { files = [], config, ...rest } = value as WrittenDefinition;
  return { ...rest, files: files.map(withPath), ...(config !== undefined && { config: withPath(config) }) };
}

/** A definition as it is written: with paths alone where there is nothing else to say. */
type WrittenDefinition = Omit<PushDefinition, 'files' | 'config'> & {
  readonly files?: readonly (string | DefinedFile)[];
  readonly config?: string | DefinedConfig;
};

function withPath<T extends { readonly path: string }>(entry: string | T): T | { readonly path: string } {
  return typeof entry === 'string' ? { path: entry } : entry;
}
