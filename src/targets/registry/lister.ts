import { RegistryError, SignInRequiredError, UnsupportedError } from '../../oci/errors';
import type { ListOptions } from '../../oci/target';
import { registryFailure } from '../../transport/registryFailure';
import type { Transport, TransportResponse } from '../../transport/transport';
import { namesOf, NoListError, pages, type PagedList } from './pages';
import type { RepositoryAddress } from './repositoryAddress';

/** Not having a catalog is told in many ways. */
const NO_CATALOG = new Set([400, 404, 405, 501]);

/** The tags of a repository, in the registry's order. Errors: NotFoundError (distribution: also when it has no tags). */
export function listTags(address: RepositoryAddress, options: ListOptions = {}): AsyncIterable<string> {
  const what = `The tag list of ${address.describe()}`;
  const request = {
    host: address.host,
    repository: address.apiName,
    path: address.path('tags/list'),
    scopes: [address.scope('pull')],
  };
  const refuse = (response: TransportResponse) => refuseUnless200(response, address.describe());
  return names({ transport: address.transport, request, sized: true, what, refuse }, 'tags', options);
}

/** The repositories of a registry. Errors: UnsupportedError where there is no catalog, SignInRequiredError. */
export async function* listRepositories(
  transport: Transport,
  host: string,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const request = { host, path: '/v2/_catalog', scopes: ['registry:catalog:*'] };
  const refuse = (response: TransportResponse) => refuseWebPage(response, host);
  const list = { transport, request, sized: true as const, what: `The repository list of ${host}`, refuse };
  let hasPage = false;
  try {
    for await (const page of pages(list, options)) {
      const found = namesOf(page, 'repositories', list.what);
      yield* hasPage ? found : behind(found, options.last);
      hasPage = true;
    }
  } catch (error) {
    if (!hasPage) throw noCatalog(error, host) ?? error;
    throw error instanceof UnsupportedError ? error.cause : error;
  }
}

/** Counts for a first page only: a registry that gave one does list. */
function noCatalog(error: unknown, host: string): UnsupportedError | undefined {
  const isMissing =
    error instanceof RegistryError && !(error instanceof SignInRequiredError) && NO_CATALOG.has(error.status);
  if (!isMissing && !(error instanceof NoListError)) return undefined;
  return new UnsupportedError('listing repositories', host, { cause: error });
}

async function refuseUnless200(response: TransportResponse, what: string): Promise<Error | undefined> {
  return response.status === 200 ? undefined : registryFailure(response, { method: 'GET', what });
}

/** Some registries answer with a web page where they have no catalog, or lead to one to log in. */
async function refuseWebPage(response: TransportResponse, host: string): Promise<Error | undefined> {
  const isPage = response.status < 400 && /html/i.test(response.headers.get('content-type') ?? '');
  if (response.status === 200 && !isPage) return undefined;
  const error = await registryFailure(response, { method: 'GET' });
  return isPage ? new UnsupportedError('listing repositories', host, { cause: error }) : error;
}

async function* names(list: PagedList, member: string, options: ListOptions): AsyncGenerator<string, void> {
  let isFirst = true;
  for await (const page of pages(list, options)) {
    const found = namesOf(page, member, list.what);
    yield* isFirst ? behind(found, options.last) : found;
    isFirst = false;
  }
}

/** distribution 2.8 ignores `last` for tags, and their order: a page that holds `last` was not cut, so it is here. */
function behind(names: readonly string[], last: string | undefined): readonly string[] {
  return last !== undefined && names.includes(last) ? names.filter((name) => name > last) : names;
}
