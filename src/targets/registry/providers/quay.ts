import { UnsupportedError } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { listRepositories as listCatalog } from '../lister';
import type { Page } from '../pages';
import { apiDelete, apiEntries, basicCredential, type Api, type ApiRequest } from './api';
import { Catalog, listParts } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

/** The user name that stands for an OAuth access token: its secret is good for the API too. */
const OAUTH_USERNAME = '$oauthtoken';

/**
 * Quay, on quay.io or a host of one's own. With organizations named it lists by its API on the same host; there it takes
 * OAuth access tokens alone, so any other sign-in stays with the registry and public repositories are shown. Without,
 * the catalog. Source: Red Hat Quay API reference, "repository" and "tag".
 */
export const quay: RegistryProvider = {
  kind: 'quay',
  name: 'Quay',
  signIn: {
    usernamePrompt: 'User name, robot account (organization+robot) or $oauthtoken',
    secretPrompt: 'Password or token',
  },
  namespaceWord: 'organization or user',
  matches: (host) => host === 'quay.io',
  listRepositories,
  untag: (context, { repository, tag }, options) =>
    remove(
      context,
      {
        path: `/api/v1/repository/${repository}/tag/${encodeURIComponent(tag)}`,
        what: `${context.host}/${repository}:${tag}`,
        ability: 'removing a tag alone',
      },
      options,
    ),
  removeRepository: (context, repository, options) =>
    remove(
      context,
      {
        path: `/api/v1/repository/${repository}`,
        what: `${context.host}/${repository}`,
        ability: 'deleting repositories',
      },
      options,
    ),
};

async function* listRepositories(
  context: ProviderContext,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const { transport, host, namespaces } = context;
  if (namespaces.length === 0) {
    yield* listCatalog(transport, host, options);
    return;
  }
  const wait = options.signal ? { signal: options.signal } : {};
  const api = await openApi(context, wait);
  const catalog = new Catalog(context, options);
  const parts = [...new Set(namespaces)].map((namespace) => ({
    list: () => repositoriesOf(api, namespace, options),
    inRegistry: () => catalog.below(namespace),
  }));
  yield* listParts(parts, options);
  const login = api.authorization === undefined && (await basicCredential(context, wait))?.username;
  if (login) options.onMissing?.(new UnsupportedError(unlisted(login), host));
}

function unlisted(login: string): string {
  const isRobot = login.includes('+');
  return `listing private repositories ${isRobot ? 'for a robot account' : 'without an OAuth access token'}`;
}

async function* repositoriesOf(api: Api, namespace: string, options: ListOptions) {
  const path = `/api/v1/repository?${new URLSearchParams({ namespace, public: 'true' }).toString()}`;
  const list = {
    path,
    what: `The organization or user "${namespace}" on ${api.registry}`,
    ability: 'listing repositories' as const,
    member: 'repositories',
    next: ({ fields }: Page) => {
      const token = fields['next_page'];
      return typeof token === 'string' ? `${path}&next_page=${encodeURIComponent(token)}` : undefined;
    },
  };
  for await (const { name } of apiEntries(api, list, options)) {
    if (typeof name === 'string') yield `${namespace}/${name}`;
  }
}

async function remove(context: ProviderContext, request: ApiRequest, options?: WaitOptions): Promise<void> {
  const api = await openApi(context, options);
  if (api.authorization === undefined) throw new UnsupportedError(request.ability, context.host);
  await apiDelete(api, request, options);
}

async function openApi(context: ProviderContext, wait?: WaitOptions): Promise<Api> {
  const { transport, host } = context;
  const credential = await basicCredential(context, wait);
  const isToken = credential?.username === OAUTH_USERNAME;
  return {
    transport,
    registry: host,
    host,
    ...(isToken && { authorization: `Bearer ${credential.password}` }),
  };
}
