import { repositoryProblem } from '../oci/reference';
import { SpecError } from './specError';

/** What a request's path asks for. `repository` is a checked name; the other parts are as the client wrote them. */
export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

const PATTERNS: readonly (readonly [RegExp, (repository: string, rest: string) => Route])[] = [
  [/^(.+)\/tags\/list$/, (repository) => ({ kind: 'tags', repository })],
  [/^(.+)\/blobs\/uploads\/?$/, (repository) => ({ kind: 'uploads', repository })],
  [/^(.+)\/blobs\/uploads\/([^/]+)$/, (repository, id) => ({ kind: 'upload', repository, id })],
  [/^(.+)\/blobs\/([^/]+)$/, (repository, digest) => ({ kind: 'blob', repository, digest })],
  [/^(.+)\/manifests\/([^/]+)$/, (repository, reference) => ({ kind: 'manifest', repository, reference })],
  [/^(.+)\/referrers\/([^/]+)$/, (repository, digest) => ({ kind: 'referrers', repository, digest })],
];

/** File names of a layout: a repository below another one cannot have them. */
const LAYOUT_NAMES = new Set(['blobs', 'index.json', 'oci-layout']);
/** Names that Windows keeps for devices. Source: Microsoft, "Naming Files, Paths, and Namespaces". */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** Splits a request's URL. Errors: SpecError, 404 for an unknown path and 400 for a bad repository name. */
export function parseUrl(url: string): { readonly route: Route; readonly query: URLSearchParams } {
  const [rawPath = '', ...rest] = url.split('?');
  const query = new URLSearchParams(rest.join('?'));
  return { route: parsePath(decode(rawPath)), query };
}

/** Why this registry cannot keep a repository of this name; undefined when it can. */
export function nameProblem(repository: string): string | undefined {
  const problem = repositoryProblem(repository);
  if (problem !== undefined) return problem;
  const components = repository.split('/');
  const reserved = components.find((name) => LAYOUT_NAMES.has(name) || DEVICE_NAME.test(name));
  return reserved && `"${reserved}" is kept for files of the registry's folder`;
}

function parsePath(path: string): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'ping' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const inner = path.startsWith('/v2/') ? path.slice('/v2/'.length) : '';
  for (const [pattern, build] of PATTERNS) {
    const [, repository, rest = ''] = pattern.exec(inner) ?? [];
    if (repository !== undefined) return build(checkedName(repository), rest);
  }
  throw new SpecError(404, 'UNSUPPORTED', 'There is nothing at this path.');
}

function checkedName(repository: string): string {
  const problem = nameProblem(repository);
  if (problem === undefined) return repository;
  throw new SpecError(400, 'NAME_INVALID', `The repository name is refused: ${problem}.`);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new SpecError(400, 'NAME_INVALID', 'The path is not valid percent-encoding.');
  }
}
