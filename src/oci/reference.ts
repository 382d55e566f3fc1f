import { digestProblem, type Digest } from './digest';
import { InvalidReferenceError } from './errors';
import { registryProblem } from './registryHost';

/** `registry/repository[:tag][@digest]`. Spec: distribution-spec v1.1.1, "Pulling manifests" (name and tag grammar). */
export interface Reference {
  /** `host[:port]`, as typed. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const MAX_REPOSITORY_LENGTH = 255;

/** Parses a full reference. Errors: InvalidReferenceError, naming the part and why. */
export function parseReference(text: string): Reference {
  const trimmed = text.trim();
  const slash = trimmed.indexOf('/');
  if (slash <= 0) {
    throw new InvalidReferenceError(text, 'reference', 'it has the form registry/repository:tag');
  }
  const registry = trimmed.slice(0, slash);
  throwIf(schemeProblem(trimmed) ?? registryProblem(registry), text, 'registry');
  const { repository, tag, digest } = splitPath(trimmed.slice(slash + 1));
  throwIf(repositoryProblem(repository), text, 'repository');
  if (tag !== undefined) throwIf(tagProblem(tag), text, 'tag');
  if (digest !== undefined) throwIf(digestProblem(digest), text, 'digest');
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest: digest as Digest }),
  };
}

/** The text of a reference; the inverse of `parseReference`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** Why `text` is not a repository name, as the end of a sentence; undefined when it is one. */
export function repositoryProblem(text: string): string | undefined {
  if (text === '') return 'the repository is missing';
  if (text.length > MAX_REPOSITORY_LENGTH)
    return `the repository is longer than ${MAX_REPOSITORY_LENGTH} characters`;
  const bad = text.split('/').find((component) => !PATH_COMPONENT.test(component));
  if (bad === undefined) return undefined;
  if (bad === '') return 'the repository has an empty path component';
  if (/[A-Z]/.test(bad)) return `repository names are lower case: "${bad}"`;
  return `"${bad}" is not a repository path component (a-z, 0-9, and . _ - between them)`;
}

/** Why `text` is not a tag, as the end of a sentence; undefined when it is one. */
export function tagProblem(text: string): string | undefined {
  if (text === '') return 'the tag is empty';
  if (text.length > 128) return 'a tag has at most 128 characters';
  return TAG.test(text) ? undefined : `"${text}" is not a tag (letters, digits, and _ . - after the first)`;
}

function schemeProblem(text: string): string | undefined {
  const [scheme] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text) ?? [];
  return scheme && `a reference is written without ${scheme}`;
}

function splitPath(path: string): { repository: string; tag?: string; digest?: string } {
  const at = path.indexOf('@');
  const digest = at < 0 ? undefined : path.slice(at + 1);
  const named = at < 0 ? path : path.slice(0, at);
  const colon = named.indexOf(':');
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  return {
    repository: colon < 0 ? named : named.slice(0, colon),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

function throwIf(problem: string | undefined, text: string, part: InvalidReferenceError['part']): void {
  if (problem !== undefined) throw new InvalidReferenceError(text, part, problem);
}
