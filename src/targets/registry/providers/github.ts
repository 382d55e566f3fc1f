import { NotFoundError, UnsupportedError, type RegistryFailure } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import type { JsonObject } from '../pages';
import { apiDelete, apiEntries, basicCredential, type Api, type ApiRequest } from './api';
import { Catalog, listParts, namespaceOf, type ListPart } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

/** Where GitHub's REST API is: a host, and what its paths begin with. */
export interface GithubApi {
  readonly host: string;
  readonly prefix: string;
}

/**
 * GitHub Packages' container registry. It lists and deletes by GitHub's REST API, to which the registry's token goes as
 * a bearer token: GitHub documents the same token (`read:packages`) for both. `apiOf` finds the API of a registry.
 * Source: GitHub REST API, "Packages"; "Working with the Container registry".
 */
export function githubWith(apiOf: (registry: string) => GithubApi | undefined): RegistryProvider {
  const open = (context: ProviderContext, wait?: WaitOptions & { deletes?: true }) =>
    openApi(context, apiOf(context.host), wait);
  return {
    kind: 'github',
    name: 'GitHub Container Registry',
    signIn: {
      usernamePrompt: 'GitHub user name',
      secretPrompt: 'Personal access token (classic) with write:packages',
    },
    namespaceWord: 'organization or user',
    matches: (host) => host === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(host),
    listRepositories: (context, options = {}) => listPackages(context, open, options),
    removeManifest: async (context, at, options) =>
      removeVersion(await open(context, { ...options, deletes: true }), at, options),
    removeRepository: async (context, repository, options) =>
      removePackage(await open(context, { ...options, deletes: true }), repository, options),
  };
}

/** GitHub, and GitHub Enterprise where packages have a host of their own. Source: GitHub Enterprise documentation. */
export const github = githubWith((registry) => {
  if (registry === 'ghcr.io') return { host: 'api.github.com', prefix: '' };
  const instance = /^containers\.(.+)$/.exec(registry)?.[1];
  if (instance === undefined) return undefined;
  return instance.endsWith('.ghe.com')
    ? { host: `api.${instance}`, prefix: '' }
    : { host: instance, prefix: '/api/v3' };
});

type Packages = Api & { readonly prefix: string };
type Open = (context: ProviderContext, wait?: WaitOptions) => Promise<Packages>;

async function openApi(
  context: ProviderContext,
  found: GithubApi | undefined,
  wait?: WaitOptions & { deletes?: true },
): Promise<Packages> {
  const { transport, host: registry } = context;
  if (!found) throw new UnsupportedError('listing repositories', registry);
  const credential = await basicCredential(context, wait);
  return {
    ...found,
    transport,
    registry,
    headers: { Accept: 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28' },
    ...(credential && { authorization: `Bearer ${credential.password}` }),
  };
}

/**
 * A token of the registry need not be one of the API: then the catalog is asked, an owner at a time. It begins anywhere:
 * `last=<owner>/` gives the owner's part of it.
 */
async function* listPackages(context: ProviderContext, open: Open, options: ListOptions) {
  const wait = options.signal ? { signal: options.signal } : {};
  const api = open(context, wait);
  // Each part waits for it, and says why where there is none.
  api.catch(() => undefined);
  const catalog = new Catalog(context, options);
  const own = namespaceOf((await basicCredential(context, wait))?.username);
  const parts: readonly ListPart[] = [
    {
      list: () => openedPackages(api, (opened) => packagesAt(opened, '/user', options)),
      ...(own !== undefined && { inRegistry: () => catalog.below(own) }),
    },
    ...[...new Set(context.namespaces)].map((owner) => ({
      list: () => openedPackages(api, (opened) => packagesOf(opened, owner, options)),
      inRegistry: () => catalog.below(owner),
    })),
  ];
  yield* listParts(parts, options);
}

async function* openedPackages(api: Promise<Packages>, list: (api: Packages) => AsyncIterable<string>) {
  yield* list(await api);
}

/** An owner is an organization or a user, and only asking tells which. */
async function* packagesOf(api: Packages, owner: string, options: ListOptions): AsyncGenerator<string, void> {
  const name = encodeURIComponent(owner);
  try {
    yield* packagesAt(api, `/orgs/${name}`, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    yield* packagesAt(api, `/users/${name}`, options);
  }
}

async function* packagesAt(api: Packages, place: string, options: ListOptions) {
  const list = {
    path: `${api.prefix}${place}/packages?package_type=container&per_page=100`,
    what: `The organization or user "${place.split('/')[2] ?? 'you'}" on ${api.registry}`,
    ability: 'listing repositories' as const,
  };
  for await (const entry of apiEntries(api, list, options)) {
    const owner = (entry['owner'] as JsonObject | undefined)?.['login'];
    const { name } = entry;
    if (typeof owner === 'string' && typeof name === 'string') yield `${owner}/${name}`.toLowerCase();
  }
}

async function removeVersion(
  api: Packages,
  { repository, digest }: { repository: string; digest: string },
  options: WaitOptions = {},
): Promise<void> {
  const request = { what: `${api.registry}/${repository}@${digest}`, ability: 'deleting' as const };
  await inPackage(repository, async (place) => {
    const versions = `${api.prefix}${place}/versions`;
    const list = { ...request, path: `${versions}?per_page=100` };
    for await (const { name, id } of apiEntries(api, list, options)) {
      if (name !== digest || (typeof id !== 'number' && typeof id !== 'string')) continue;
      return apiDelete(api, { ...request, path: `${versions}/${id}` }, options);
    }
    throw new NotFoundError(request.what, notListed(api, versions));
  });
}

async function removePackage(api: Packages, repository: string, options?: WaitOptions): Promise<void> {
  const request: Omit<ApiRequest, 'path'> = {
    what: `${api.registry}/${repository}`,
    ability: 'deleting repositories',
  };
  await inPackage(repository, (place) =>
    apiDelete(api, { ...request, path: `${api.prefix}${place}` }, options),
  );
}

/** Runs with the package's place below its organization, else below its user. */
async function inPackage(repository: string, run: (place: string) => Promise<void>): Promise<void> {
  const slash = repository.indexOf('/');
  const owner = encodeURIComponent(repository.slice(0, slash));
  const name = encodeURIComponent(repository.slice(slash + 1));
  try {
    await run(`/orgs/${owner}/packages/container/${name}`);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    await run(`/users/${owner}/packages/container/${name}`);
  }
}

function notListed(api: Api, path: string): RegistryFailure {
  const url = `https://${api.host}${path}`;
  return { method: 'GET', url, status: 404, details: [], body: 'no version has this digest' };
}
