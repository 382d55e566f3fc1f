import {
  NotFoundError,
  SignInRequiredError,
  UnsupportedError,
  type RegistryFailure,
} from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { discard } from '../../../transport/readCapped';
import { repositoryProblem } from '../../../oci/reference';
import { listRepositories as listCatalog, listTags } from '../lister';
import type { JsonObject } from '../pages';
import { apiDelete, apiEntries, basicCredential, type Api, type ApiRequest } from './api';
import { GITLAB_TOKENS } from './kindOf';
import { Catalog, listParts } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';
import { RepositoryAddress } from '../repositoryAddress';

/**
 * GitLab. Its API is on the host that is also the registry's token server, so that the registry's secret meets no new
 * host there: a personal, project or group access token, as a bearer token. Deploy tokens are not taken by the API.
 * Source: GitLab, "Container registry API", "REST API authentication", "Deploy tokens".
 */
export const gitlab: RegistryProvider = {
  kind: 'gitlab',
  name: 'GitLab Container Registry',
  signIn: {
    usernamePrompt: 'GitLab user name or name of the deploy token',
    secretPrompt: 'Access token (with read_api to list, write_registry to push) or deploy token',
  },
  namespaceWord: 'project or group',
  matches: (host) => host === 'registry.gitlab.com',
  listRepositories,
  untag: async (context, { repository, tag }, options) => {
    const request = {
      what: `${context.host}/${repository}:${tag}`,
      ability: 'removing a tag alone' as const,
    };
    const api = await openApi(context, request.ability, options);
    const place = await findRepository(api, repository, request, options);
    await apiDelete(api, { ...request, path: `${place}/tags/${tag}` }, options);
  },
  removeRepository: async (context, repository, options) => {
    const request = { what: `${context.host}/${repository}`, ability: 'deleting repositories' as const };
    const api = await openApi(context, request.ability, options);
    const path = await findRepository(api, repository, request, options);
    await apiDelete(api, { ...request, path }, options);
  },
};

async function* listRepositories(
  context: ProviderContext,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  if (context.namespaces.length === 0) {
    yield* listForAdministrators(context, options);
    return;
  }
  const wait = options.signal ? { signal: options.signal } : {};
  const api = openApi(context, 'listing repositories', wait);
  // Each part waits for it, and says why where there is none.
  api.catch(() => undefined);
  const catalog = new Catalog(context, options);
  const parts = [...new Set(context.namespaces)].map((path) => ({
    list: () => pathsIn(api, path, options),
    inRegistry: () => repositoriesAt(context, path, { catalog, ...options }),
  }));
  yield* listParts(parts, options);
}

async function* pathsIn(api: Promise<Api>, path: string, options: ListOptions) {
  for await (const entry of entriesIn(await api, path, options)) {
    if (typeof entry['path'] === 'string') yield entry['path'];
  }
}

/** A project may be a repository itself, which its tags show to a token that the API does not take. */
async function* repositoriesAt(
  { transport, host }: ProviderContext,
  path: string,
  { catalog, ...options }: ListOptions & { readonly catalog: Catalog },
): AsyncGenerator<string, void> {
  if (repositoryProblem(path) === undefined) {
    for await (const tag of listTags(new RepositoryAddress(transport, host, path), options)) {
      if (tag !== '') yield path;
      break;
    }
  }
  yield* catalog.below(path);
}

/** GitLab opens the catalog to administrators alone: for others who are signed in there is nothing until a project is named. */
async function* listForAdministrators({ transport, host }: ProviderContext, options: ListOptions) {
  try {
    yield* listCatalog(transport, host, options);
  } catch (error) {
    const isNoAdministrator = error instanceof SignInRequiredError && error.credentialsSent;
    if (!isNoAdministrator && !(error instanceof UnsupportedError)) throw error;
  }
}

/** A path is a project's or a group's, and only asking tells which. */
async function* entriesIn(api: Api, path: string, options: ListOptions): AsyncGenerator<JsonObject, void> {
  try {
    yield* entriesAt(api, 'projects', path, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    yield* entriesAt(api, 'groups', path, options);
  }
}

function entriesAt(
  api: Api,
  kind: 'projects' | 'groups',
  path: string,
  options: ListOptions,
): AsyncIterable<JsonObject> {
  const list = {
    path: `${placeOf(kind, path)}?per_page=100`,
    what: `The project or group "${path}" on ${api.registry}`,
    ability: 'listing repositories' as const,
  };
  return apiEntries(api, list, options);
}

function placeOf(kind: 'projects' | 'groups', path: string): string {
  return `/api/v4/${kind}/${encodeURIComponent(path)}/registry/repositories`;
}

/** The API's place of a repository: its name begins with the path of its project, which may be any part of it. */
async function findRepository(
  api: Api,
  repository: string,
  { what }: Pick<ApiRequest, 'what'>,
  options: WaitOptions = {},
): Promise<string> {
  const parts = repository.split('/');
  for (let length = parts.length; length >= 2; length--) {
    const project = parts.slice(0, length).join('/');
    try {
      for await (const { path, id } of entriesAt(api, 'projects', project, options)) {
        if (path === repository && typeof id === 'number') return `${placeOf('projects', project)}/${id}`;
      }
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  throw new NotFoundError(what, notListed(api));
}

async function openApi(
  context: ProviderContext,
  ability: ApiRequest['ability'],
  wait?: WaitOptions,
): Promise<Api> {
  const { transport, host } = context;
  const credential = await basicCredential(context, wait);
  if (credential && isDeployToken(credential)) throw new UnsupportedError(ability, host);
  const base = await apiBase(context, ability, wait);
  return {
    transport,
    registry: host,
    host: base.host,
    base,
    ...(credential && { authorization: `Bearer ${credential.password}` }),
  };
}

/** The API lies where the token server does, below the same path; anywhere else it would be guessed. */
async function apiBase(
  { transport, host }: ProviderContext,
  ability: ApiRequest['ability'],
  wait?: WaitOptions,
): Promise<URL> {
  if (!transport.tokenServer(host))
    discard(await transport.send({ method: 'GET', host, path: '/v2/' }, wait));
  const server = transport.tokenServer(host);
  if (!server?.pathname.endsWith(GITLAB_TOKENS)) throw new UnsupportedError(ability, host);
  return new URL(server.pathname.slice(0, -GITLAB_TOKENS.length) || '/', server);
}

function isDeployToken({ username, password }: { username: string; password: string }): boolean {
  return password.startsWith('gldt-') || username.startsWith('gitlab+deploy-token-');
}

function notListed({ base }: Api): RegistryFailure {
  const url = `${base?.href.replace(/\/$/, '') ?? ''}/api/v4/projects`;
  return { method: 'GET', url, status: 404, details: [], body: 'no project lists this repository' };
}
