import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { account, basic } from './account';
import { inTokenMode, json, jsonError, specError, urlOf, webPage } from './answers';

/** The API does not care about the case of owners. */
const PACKAGE = '/orgs/myorg/packages/container/tools%2Fcli';

/** A version of the package `MyOrg/tools/cli`, by its id. */
export interface PackageVersion {
  readonly id: number;
  readonly digest: string;
}

const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '/user': ['app', 'notes', 'tools'],
  '/orgs/MyOrg': ['tools/cli', 'charts'],
  '/users/friend': ['thing'],
};
const PAGE = 2;

/**
 * api.github.com by its documentation (GitHub REST API, "Packages", version 2022-11-28), with pages of two. `versions`
 * are deleted from. No live run.
 */
export function githubApi(versions: PackageVersion[], scopes: readonly string[] = ['read:packages']) {
  return (request: SeenRequest): ScriptedAnswer => {
    const { pathname } = urlOf(request);
    if (request.headers.authorization !== `Bearer ${account.password}`) {
      return jsonError(401, { message: 'Requires authentication', status: '401' });
    }
    if (request.line.startsWith('DELETE')) return deleted(pathname, versions, scopes);
    const place = /^(.+)\/packages$/.exec(pathname)?.[1];
    if (place !== undefined) return packages(request, place);
    if (pathname !== `${PACKAGE}/versions`) return notFound;
    return paged(
      request,
      versions.map(({ id, digest }) => ({ id, name: digest, metadata: { container: { tags: [] } } })),
    );
  };
}

const notFound = jsonError(404, { message: 'Not Found', status: '404' });

function deleted(pathname: string, versions: PackageVersion[], scopes: readonly string[]): ScriptedAnswer {
  if (!pathname.startsWith(PACKAGE)) return notFound;
  if (!scopes.includes('delete:packages')) {
    return jsonError(403, { message: 'You need at least delete:packages scope to delete a package.' });
  }
  const id = Number(pathname.split('/').at(-1));
  const at = versions.findIndex((version) => version.id === id);
  if (at < 0) versions.length = 0;
  else versions.splice(at, 1);
  return { status: 204 };
}

function packages(request: SeenRequest, place: string): ScriptedAnswer {
  const names = PACKAGES[place];
  if (!names) return notFound;
  const login = place === '/user' ? account.username : (place.split('/')[2] ?? '');
  return paged(
    request,
    names.map((name, id) => ({
      id,
      name,
      package_type: 'container',
      owner: { login },
      visibility: 'private',
    })),
  );
}

function paged(request: SeenRequest, all: readonly unknown[]): ScriptedAnswer {
  const url = urlOf(request);
  const page = Number(url.searchParams.get('page') ?? '1');
  url.searchParams.set('page', String(page + 1));
  const next = `<http://${request.headers.host}${url.pathname}${url.search}>; rel="next"`;
  const shown = all.slice((page - 1) * PAGE, page * PAGE);
  return json(shown, all.length > page * PAGE ? { Link: next } : {});
}

/**
 * ghcr.io as users report it: tokens for anyone, a catalog that begins at any name, no referrers API but a redirect to
 * a web page, no deletion. Source: threads of oras and of GitHub's community. No live run.
 */
export const githubRegistry = inTokenMode(
  { tokenPath: '/token', service: 'ghcr.io', basic: basic() },
  (request) => {
    const { pathname, searchParams } = urlOf(request);
    if (pathname === '/login') return webPage;
    if (pathname === '/v2/_catalog') return catalog(searchParams.get('last') ?? '');
    if (request.line.startsWith('DELETE')) return specError(405, 'UNSUPPORTED', 'unsupported');
    if (pathname.includes('/referrers/')) return { status: 303, headers: { Location: '/login' } };
    return specError(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  },
);

function catalog(last: string): ScriptedAnswer {
  const names = ['anna/x', 'myorg/a', 'myorg/b', 'myorg2/c', 'someone/app', 'zoe/z'];
  return json({ repositories: names.filter((name) => name > last) });
}
