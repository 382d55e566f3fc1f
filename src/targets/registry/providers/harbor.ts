import { UnsupportedError } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { basicAuthorization } from '../../../transport/auth/fetchToken';
import { apiDelete, apiEntries, basicCredential, type Api } from './api';
import { Catalog, failing, listParts, type ListPart } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

/**
 * Harbor, always on a host of one's own. Its API is on the registry's host and takes the registry's user name and
 * secret as Basic. Source: Harbor API 2.0 (swagger), "project", "repository", "artifact".
 */
export const harbor: RegistryProvider = {
  kind: 'harbor',
  name: 'Harbor',
  signIn: {
    usernamePrompt: 'User name or robot account (robot$name)',
    secretPrompt: 'Password, CLI secret or robot secret',
  },
  namespaceWord: 'project',
  matches: () => false,
  listRepositories,
  untag,
  removeRepository,
};

async function* listRepositories(
  context: ProviderContext,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const wait = options.signal ? { signal: options.signal } : {};
  const api = await openApi(context, wait);
  yield* listParts(projectParts(context, api, options), options);
  if (context.namespaces.length > 0 || !isRobot(await basicCredential(context, wait))) return;
  options.onMissing?.(
    new UnsupportedError('listing projects that a robot account has no rights to', api.registry),
  );
}

/** A project each; where the projects are not listed, all that the registry lists. */
async function* projectParts(
  context: ProviderContext,
  api: Api,
  options: ListOptions,
): AsyncGenerator<ListPart, void> {
  const { namespaces } = context;
  const catalog = new Catalog(context, options);
  try {
    const projects = namespaces.length > 0 ? new Set(namespaces) : namesAt(api, '/projects', options);
    for await (const project of projects) {
      yield {
        list: () => namesAt(api, `/projects/${encodeURIComponent(project)}/repositories`, options),
        inRegistry: () => catalog.below(project),
      };
    }
  } catch (error) {
    yield { list: () => failing(error), inRegistry: () => catalog.whole() };
  }
}

/** The prefix is the administrator's choice; a user's name has no `$`. Source: Harbor, "Create Robot Accounts". */
function isRobot(credential: { readonly username: string } | undefined): boolean {
  return credential !== undefined && /\$|^robot\W/.test(credential.username);
}

/** Of projects and of repositories alike; a repository's name begins with that of its project. */
async function* namesAt(api: Api, place: string, options: ListOptions): AsyncGenerator<string, void> {
  const project = place.split('/')[2];
  const list = {
    path: `/api/v2.0${place}?page_size=100`,
    what:
      project === undefined
        ? `The project list of ${api.registry}`
        : `The project "${project}" on ${api.registry}`,
    ability: 'listing repositories' as const,
  };
  for await (const { name } of apiEntries(api, list, options)) if (typeof name === 'string') yield name;
}

async function untag(
  context: ProviderContext,
  { repository, tag }: { repository: string; tag: string },
  options?: WaitOptions,
): Promise<void> {
  const request = {
    path: `${placeOf(repository)}/artifacts/${tag}/tags/${tag}`,
    what: `${context.host}/${repository}:${tag}`,
    ability: 'removing a tag alone' as const,
  };
  await apiDelete(await openApi(context, options), request, options);
}

async function removeRepository(context: ProviderContext, repository: string, options?: WaitOptions) {
  const request = {
    path: placeOf(repository),
    what: `${context.host}/${repository}`,
    ability: 'deleting repositories' as const,
  };
  await apiDelete(await openApi(context, options), request, options);
}

/** Slashes within a repository's name are encoded twice, as the API asks for. */
function placeOf(repository: string): string {
  const slash = repository.indexOf('/');
  const project = encodeURIComponent(repository.slice(0, slash));
  const rest = encodeURIComponent(encodeURIComponent(repository.slice(slash + 1)));
  return `/api/v2.0/projects/${project}/repositories/${rest}`;
}

async function openApi(context: ProviderContext, wait?: WaitOptions): Promise<Api> {
  const { transport, host } = context;
  const credential = await basicCredential(context, wait);
  return {
    transport,
    registry: host,
    host,
    ...(credential && { authorization: basicAuthorization(credential) }),
  };
}
