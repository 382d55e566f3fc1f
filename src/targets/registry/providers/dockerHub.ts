import { InvalidContentError } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { isDockerHub } from '../../../transport/dockerHub';
import { readCapped } from '../../../transport/readCapped';
import { apiAnswer, apiEntries, basicCredential, type Api } from './api';
import { Catalog, leaveOut, listParts, namespaceOf } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

const MAX_TOKEN_ANSWER_BYTES = 128 * 1024;

/**
 * Docker Hub, whose catalog is closed: repositories come from the API of its web site, within namespaces. The registry's
 * user name and secret go to `apiHost`, which Docker documents for them ("Create access token", `/v2/auth/token`).
 * Source: Docker Hub API reference.
 */
export function dockerHubWith({ apiHost }: { readonly apiHost: string }): RegistryProvider {
  return {
    kind: 'dockerHub',
    name: 'Docker Hub',
    signIn: { usernamePrompt: 'Docker ID', secretPrompt: 'Password or personal access token' },
    namespaceWord: 'organization or user',
    matches: isDockerHub,
    listRepositories: (context, options) => listRepositories(context, apiHost, options),
  };
}

/** Docker Hub as it is on the internet. */
export const dockerHub = dockerHubWith({ apiHost: 'hub.docker.com' });

async function* listRepositories(
  context: ProviderContext,
  apiHost: string,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const { credentials, host, namespaces } = context;
  const credential = await credentials.credentialFor(host, waitOf(options));
  const own = credential?.kind === 'registryToken' ? undefined : namespaceOf(credential?.username);
  const wanted = [...(own ? [own] : []), ...namespaces].map((name) => name.toLowerCase());
  if (wanted.length === 0) return;
  const api = await signedInOrNot(context, apiHost, options);
  const catalog = new Catalog(context, options);
  const parts = [...new Set(wanted)].map((namespace) => ({
    list: () => repositoriesOf(api, namespace, options),
    inRegistry: () => catalog.below(namespace),
  }));
  yield* listParts(parts, options);
}

/** A sign-in that the API refuses does not hide what is public. */
async function signedInOrNot(context: ProviderContext, apiHost: string, options: ListOptions): Promise<Api> {
  try {
    return await signedIn(context, apiHost, waitOf(options));
  } catch (error) {
    leaveOut(error, options);
    return apiOf(context, apiHost);
  }
}

function apiOf({ transport, host }: ProviderContext, apiHost: string): Api {
  return { transport, registry: host, host: apiHost };
}

async function* repositoriesOf(api: Api, namespace: string, options: ListOptions) {
  const list = {
    path: `/v2/namespaces/${encodeURIComponent(namespace)}/repositories?page_size=100`,
    what: `The organization or user "${namespace}" on ${api.registry}`,
    ability: 'listing repositories' as const,
    member: 'results',
    next: ({ fields }: { fields: Readonly<Record<string, unknown>> }) =>
      typeof fields['next'] === 'string' && fields['next'] !== '' ? fields['next'] : undefined,
  };
  for await (const { name } of apiEntries(api, list, options)) {
    if (typeof name === 'string') yield `${namespace}/${name}`;
  }
}

async function signedIn(context: ProviderContext, apiHost: string, wait: WaitOptions): Promise<Api> {
  const api = apiOf(context, apiHost);
  const credential = await basicCredential(context, wait);
  if (!credential) return api;
  const secret = { identifier: credential.username, secret: credential.password };
  const response = await apiAnswer(
    api,
    {
      method: 'POST',
      path: '/v2/auth/token',
      body: Buffer.from(JSON.stringify(secret)),
      secrets: [credential.password],
      what: `The sign-in of ${apiHost}`,
      ability: 'listing repositories',
    },
    wait,
  );
  const what = `The answer of ${apiHost}`;
  const token = tokenIn(await readCapped(response.body, MAX_TOKEN_ANSWER_BYTES, what), what);
  return { ...api, authorization: `Bearer ${token}` };
}

/** The parser's message is left out: it would quote the answer, which may hold a token. */
function tokenIn(bytes: Buffer, what: string): string {
  const token = /"access_token"\s*:\s*"([\x21\x23-\x5b\x5d-\x7e]+)"/.exec(bytes.toString('utf8'))?.[1];
  if (token === undefined) throw new InvalidContentError(what, 'it holds no token');
  return token;
}

function waitOf({ signal }: ListOptions): WaitOptions {
  return signal ? { signal } : {};
}
