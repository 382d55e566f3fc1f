import type { Credential, CredentialQuery } from '../../../oci/credential';
import { SignInRequiredError, UnsupportedError } from '../../../oci/errors';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { discard } from '../../../transport/readCapped';
import { readFailure, registryFailure } from '../../../transport/registryFailure';
import type { Transport, TransportRequest, TransportResponse } from '../../../transport/transport';
import { entriesOf, pages, type JsonObject, type PagedList } from '../pages';
import type { ProviderContext } from './provider';

/** A JSON API of a registry's maker, beside the registry's own: where it is, and what signs requests in to it. */
export interface Api {
  readonly transport: Transport;
  /** The registry that it belongs to, for errors. */
  readonly registry: string;
  /** Where requests go and nowhere else. */
  readonly host: string;
  /** Set where scheme, port and the path before that of a request are the API's own and not those of the host's settings. */
  readonly base?: URL;
  /** Value of the `Authorization` header; left out for anonymous requests. */
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request to an API. `what` names what is asked for, for messages: "The organization x on ghcr.io". */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly what: string;
  readonly ability: 'listing repositories' | 'deleting' | 'removing a tag alone' | 'deleting repositories';
  /** What is exchanged for a token; `secrets` is what is secret in it. */
  readonly body?: Uint8Array;
  readonly secrets?: readonly string[];
}

/** How a list of an API is read: the member that holds the entries, and how it names its next page. */
export interface ApiList extends ApiRequest, Pick<PagedList, 'next'> {
  readonly member?: string;
}

/** Statuses of an API that is not there; so are a 404 without JSON and any web page, e.g. to log in. */
const NO_API = new Set([405, 501]);

/** The registry's sign-in as user name and secret; undefined when there is none, or only a token for the registry. */
export async function basicCredential(
  { credentials, host }: ProviderContext,
  query?: CredentialQuery,
): Promise<(Credential & { readonly kind: 'basic' }) | undefined> {
  const credential = await credentials.credentialFor(host, query);
  return credential?.kind === 'basic' ? credential : undefined;
}

/**
 * The entries of a list, page by page. Errors: UnsupportedError where the registry has no such API, NotFoundError,
 * SignInRequiredError, RegistryError, InvalidContentError.
 */
export async function* apiEntries(
  api: Api,
  list: ApiList,
  options: ListOptions = {},
): AsyncGenerator<JsonObject, void> {
  const what = `The answer of ${api.host}`;
  const refuse = (response: TransportResponse) => apiFailure(api, list, response);
  const paged = {
    transport: api.transport,
    request: requestOf(api, list),
    what,
    refuse,
    ...(list.next && { next: list.next }),
  };
  for await (const page of pages(paged, options)) yield* entriesOf(page, what, list.member);
}

/** Sends one request whose answer is a success. The caller consumes the body. Errors: as `apiEntries`. */
export async function apiAnswer(
  api: Api,
  request: ApiRequest,
  options?: WaitOptions,
): Promise<TransportResponse> {
  const { method = 'GET', body, secrets = [] } = request;
  const response = await api.transport.send(
    { ...requestOf(api, request), method, ...(body && { body, secrets }) },
    options,
  );
  const failure = await apiFailure(api, request, response);
  if (failure) throw failure;
  return response;
}

/** Deletes what is at a path. Errors: as `apiEntries`. */
export async function apiDelete(api: Api, request: ApiRequest, options?: WaitOptions): Promise<void> {
  discard(await apiAnswer(api, { ...request, method: 'DELETE' }, options));
}

function requestOf(
  api: Api,
  { path, body }: ApiRequest,
): Omit<TransportRequest, 'method' | 'path'> & { path: string } {
  return {
    host: api.host,
    path: api.base ? new URL(api.base.pathname.replace(/\/$/, '') + path, api.base).href : path,
    ownSignIn: true,
    headers: {
      Accept: 'application/json',
      ...(body && { 'Content-Type': 'application/json' }),
      ...api.headers,
      ...(api.authorization !== undefined && { Authorization: api.authorization }),
    },
  };
}

async function apiFailure(
  api: Api,
  { method = 'GET', what, ability, body }: ApiRequest,
  response: TransportResponse,
): Promise<Error | undefined> {
  const type = response.headers.get('content-type') ?? '';
  const isPage = /html/i.test(type);
  if (response.status >= 200 && response.status < 300 && !isPage) return undefined;
  if (response.status === 401 || response.status === 403) {
    const failure = await readFailure(response, method);
    const sent = api.authorization !== undefined || body !== undefined;
    return new SignInRequiredError(api.registry, sent, failure);
  }
  const isMissing = response.status < 400 || NO_API.has(response.status) || isPage;
  const error = await registryFailure(response, { method, what });
  if (isMissing || (response.status === 404 && !/json/i.test(type))) {
    return new UnsupportedError(ability, api.registry, { cause: error });
  }
  return error;
}
