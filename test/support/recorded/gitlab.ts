import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { account, basic } from './account';
import { inTokenMode, json, jsonError, specError, urlOf } from './answers';

const IN_PROJECT = [
  { id: 1, name: '', path: 'group/project' },
  { id: 2, name: 'web', path: 'group/project/web' },
  { id: 3, name: 'web/proxy', path: 'group/project/web/proxy' },
];
const BASE = '/api/v4';
const LISTS: Readonly<Record<string, readonly object[]>> = {
  [`${BASE}/projects/group%2Fproject/registry/repositories`]: IN_PROJECT,
  [`${BASE}/groups/group/registry/repositories`]: [...IN_PROJECT, { id: 9, name: '', path: 'group/other' }],
};
const PAGE = 2;

/**
 * A GitLab host by its documentation ("Container registry API"): REST API and the registry's token server `/jwt/auth`,
 * with pages of two. `removed` gets the paths that were deleted. No live run.
 */
export function gitlabServer(removed: string[]) {
  return (request: SeenRequest): ScriptedAnswer => {
    const { pathname } = urlOf(request);
    const { authorization } = request.headers;
    if (pathname === '/jwt/auth') return token(request);
    if (authorization !== undefined && authorization !== `Bearer ${account.password}`) {
      return jsonError(401, { message: '401 Unauthorized' });
    }
    if (request.line.startsWith('DELETE')) {
      removed.push(pathname);
      return { status: pathname.includes('/tags/') ? 200 : 202 };
    }
    const list = LISTS[pathname];
    return list && authorization
      ? paged(request, list)
      : jsonError(404, { message: '404 Project Not Found' });
  };
}

/** The catalog's scope is for administrators alone. */
function token(request: SeenRequest): ScriptedAnswer {
  const { authorization } = request.headers;
  if (authorization !== undefined && authorization !== basic()) {
    return jsonError(401, { errors: [{ code: 'UNAUTHORIZED', message: 'HTTP Basic: Access denied.' }] });
  }
  if (urlOf(request).searchParams.get('scope')?.startsWith('registry:')) {
    return specError(403, 'DENIED', 'access forbidden');
  }
  return json({ token: 'token-of-a-user' });
}

function paged(request: SeenRequest, all: readonly object[]): ScriptedAnswer {
  const { pathname, searchParams } = urlOf(request);
  const page = Number(searchParams.get('page') ?? '1');
  const next = `<http://${request.headers.host}${pathname}?page=${page + 1}&per_page=100>; rel="next"`;
  return json(all.slice((page - 1) * PAGE, page * PAGE), all.length > page * PAGE ? { Link: next } : {});
}

/**
 * GitLab's registry in front of `gitlab` (`host:port`). It takes the tag `sha256-<hex>` for the digest itself: the
 * manifest `subject` answers under both. Source: oras-go#1396. No live run.
 */
export function gitlabRegistry(
  gitlab: string,
  subject?: { readonly digest: string; readonly bytes: Uint8Array },
) {
  const mode = { realm: `http://${gitlab}/jwt/auth`, tokenPath: '/jwt/auth', service: 'container_registry' };
  return inTokenMode(mode, (request) => {
    const { pathname } = urlOf(request);
    if (pathname === '/v2/') return json({});
    if (pathname.endsWith('/_catalog')) return specError(401, 'UNAUTHORIZED', 'authentication required');
    const asTag = subject && `/manifests/${subject.digest.replace(':', '-')}`;
    if (asTag !== undefined && pathname.endsWith(asTag)) {
      const type = 'application/vnd.oci.image.manifest.v1+json';
      return { headers: { 'Content-Type': type }, body: subject?.bytes ?? '' };
    }
    if (request.line.startsWith('DELETE')) return { status: 202 };
    return specError(404, 'NOT_FOUND', 'not found');
  });
}
