import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { account, basic } from './account';
import { inTokenMode, json, jsonError, specError, urlOf } from './answers';

/**
 * Quay by the Red Hat Quay API reference ("repository", "tag"), with pages of two; its API takes OAuth access tokens
 * alone. `configTypes` are the config media types that a manifest may have, as old versions had it. `username` is who
 * may sign in. No live run.
 */
export function quayServer(username: string = account.username) {
  return inTokenMode({ tokenPath: '/v2/auth', service: 'quay.test', basic: basic(username) }, (request) => {
    const { pathname } = urlOf(request);
    if (pathname.startsWith('/api/v1/')) return api(request, pathname);
    if (pathname === '/v2/_catalog') return json({ repositories: ['team/visible'] });
    if (request.line.startsWith('PUT') && pathname.includes('/manifests/')) return putManifest;
    if (request.line.startsWith('DELETE')) return { status: 202 };
    return json({});
  });
}

const putManifest = specError(
  400,
  'MANIFEST_INVALID',
  'manifest schema version not supported: config media type',
);

function api(request: SeenRequest, pathname: string): ScriptedAnswer {
  const { authorization } = request.headers;
  if (authorization !== undefined && authorization !== `Bearer ${account.password}`) {
    return jsonError(401, { message: 'Invalid bearer token', error_type: 'invalid_token' });
  }
  if (request.line.startsWith('DELETE')) return { status: authorization ? 204 : 401 };
  if (pathname !== '/api/v1/repository') return jsonError(404, { error_type: 'not_found' });
  return repositories(request);
}

function repositories(request: SeenRequest): ScriptedAnswer {
  const { searchParams } = urlOf(request);
  const namespace = searchParams.get('namespace') ?? '';
  const names = request.headers.authorization ? ['a', 'b', 'private'] : ['a', 'b', 'c'];
  const isSecond = searchParams.get('next_page') === 'gAAAAABl';
  const shown = (isSecond ? names.slice(2) : names.slice(0, 2)).map((name) => ({ namespace, name }));
  return json({ repositories: shown, ...(!isSecond && { next_page: 'gAAAAABl' }) });
}
