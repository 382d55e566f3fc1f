import type { ScriptedAnswer, SeenRequest } from '../scriptedServer';
import { basic } from './account';
import { inTokenMode, json, specError, urlOf } from './answers';

const PROJECTS = ['library', 'private', 'team'];
const REPOSITORIES: Readonly<Record<string, readonly string[]>> = {
  library: ['library/alpine'],
  private: ['private/app'],
  team: ['team/a', 'team/b', 'team/charts/web'],
};
const PAGE = 2;

/**
 * Harbor by its API description (Harbor API 2.0, swagger) and its page on tag immutability, with pages of two. `removed`
 * gets the paths that were deleted. No live run.
 */
export function harborServer(removed: string[]) {
  return inTokenMode(
    { tokenPath: '/service/token', service: 'harbor-registry', basic: basic() },
    (request) => {
      const { pathname } = urlOf(request);
      const place = /^\/api\/v2\.0(.*)$/.exec(pathname)?.[1];
      if (place === undefined)
        return pathname === '/v2/' ? json({}) : specError(404, 'NOT_FOUND', 'not found');
      return api(request, place, removed);
    },
  );
}

function api(request: SeenRequest, place: string, removed: string[]): ScriptedAnswer {
  const { authorization } = request.headers;
  if (authorization !== undefined && authorization !== basic()) {
    return specError(401, 'UNAUTHORIZED', 'unauthorized: unauthorized');
  }
  if (request.line.startsWith('DELETE')) return remove(request, place, removed);
  const isAnonymous = authorization === undefined;
  if (place === '/projects') return paged(request, isAnonymous ? ['library'] : PROJECTS);
  const names = REPOSITORIES[place.split('/')[2] ?? ''];
  return names ? paged(request, names) : specError(404, 'NOT_FOUND', 'project not found');
}

function remove(request: SeenRequest, place: string, removed: string[]): ScriptedAnswer {
  if (request.headers.authorization === undefined) return specError(401, 'UNAUTHORIZED', 'unauthorized');
  if (place.endsWith('/tags/release')) {
    const message = "Failed to process request due to 'a:release' configured as immutable.";
    return specError(412, 'PRECONDITION', message);
  }
  removed.push(place);
  return { status: 200 };
}

function paged(request: SeenRequest, names: readonly string[]): ScriptedAnswer {
  const { pathname, searchParams } = urlOf(request);
  const page = Number(searchParams.get('page') ?? '1');
  const shown = names.slice((page - 1) * PAGE, page * PAGE).map((name) => ({ name }));
  const next = `<${pathname}?page=${page + 1}&page_size=100>; rel="next"`;
  return json(shown, {
    'X-Total-Count': String(names.length),
    ...(names.length > page * PAGE && { Link: next }),
  });
}
