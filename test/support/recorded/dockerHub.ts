import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { account } from './account';
import { inTokenMode, json, jsonError, specError, urlOf } from './answers';

const ACCESS_TOKEN = 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln';
const NAMESPACES: Readonly<Record<string, { readonly public: string[]; readonly private: string[] }>> = {
  someone: { public: ['app', 'tools'], private: ['secret'] },
  grafana: { public: ['grafana', 'loki', 'mimir'], private: [] },
};
const PAGE = 2;

/**
 * hub.docker.com by its documentation (Docker Hub API reference: "Create access token", "List repositories"), with pages
 * of two. No live run.
 */
export function hubApi(request: SeenRequest): ScriptedAnswer {
  const { pathname, searchParams } = urlOf(request);
  if (request.line === 'POST /v2/auth/token') return accessToken(request);
  const namespace = /^\/v2\/namespaces\/([^/]+)\/repositories$/.exec(pathname)?.[1];
  const known = namespace === undefined ? undefined : NAMESPACES[namespace];
  if (namespace === undefined || !known) return jsonError(404, { message: 'object not found', errinfo: {} });
  const isOwner = request.headers.authorization === `Bearer ${ACCESS_TOKEN}`;
  const names = isOwner ? [...known.public, ...known.private] : known.public;
  const page = Number(searchParams.get('page') ?? '1');
  const shown = names.slice((page - 1) * PAGE, page * PAGE);
  const next = `http://${request.headers.host}${pathname}?page=${page + 1}&page_size=100`;
  return json({
    count: names.length,
    next: names.length > page * PAGE ? next : null,
    previous: null,
    results: shown.map((name) => ({ name, namespace, repository_type: 'image', is_private: false })),
  });
}

function accessToken({ body }: SeenRequest): ScriptedAnswer {
  const { identifier, secret } = JSON.parse(body.toString()) as { identifier: string; secret: string };
  const isRight = identifier === account.username && secret === account.password;
  return isRight ? json({ access_token: ACCESS_TOKEN }) : jsonError(401, { detail: 'Incorrect credentials' });
}

/**
 * registry-1.docker.io by its documentation ("Pull usage and limits"): anonymous tokens, a closed catalog, rate limit
 * headers on manifests, and 429 once nothing is left. No live run.
 */
export function hubRegistry(options: { readonly remaining: number; readonly manifest: string }) {
  return inTokenMode({ tokenPath: '/token', service: 'registry.docker.io' }, (request) => {
    const { pathname } = urlOf(request);
    if (pathname === '/v2/_catalog') return specError(401, 'UNAUTHORIZED', 'authentication required');
    if (!pathname.includes('/manifests/')) return json({});
    if (options.remaining === 0) {
      return specError(429, 'TOOMANYREQUESTS', 'You have reached your unauthenticated pull rate limit.');
    }
    return {
      headers: {
        'Content-Type': 'application/vnd.oci.image.manifest.v1+json',
        'ratelimit-limit': '100;w=21600',
        'ratelimit-remaining': `${options.remaining};w=21600`,
        'docker-ratelimit-source': '192.0.2.1',
      },
      body: options.manifest,
    };
  });
}
