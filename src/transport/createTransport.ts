import type { CredentialProvider } from '../oci/credential';
import type { CredentialStoreError } from '../oci/errors';
import type { TransferOptions } from '../oci/target';
import { Authorizer } from './auth/authorizer';
import { withOwnRedirects } from './auth/ownRedirects';
import { systemClock, type Clock } from './clock';
import { Connections } from './connections';
import { apiHost } from './dockerHub';
import type { Outgoing, Send } from './outgoing';
import { withRateLimits, type RateLimit } from './rateLimit';
import { withRedirects } from './redirect';
import { withRetry } from './retry';
import { sendOnce, type Timeouts } from './sendOnce';
import { SentSecrets } from './sentSecrets';
import type { Endpoint, RequestLogEntry, Transport, TransportRequest } from './transport';
import { Upload } from './upload';
import { withWarnings } from './warnings';
import { withoutSecrets } from './withoutSecrets';

const DEFAULT_TIMEOUTS: Timeouts = { answerMs: 60_000, idleMs: 60_000 };

export interface CreateTransportOptions {
  readonly credentials: CredentialProvider;
  /** The settings of a host (`host[:port]`): registries, and the hosts that they send a request on to. */
  readonly endpointFor: (host: string) => Promise<Endpoint>;
  /** Gets one entry for each HTTP request, sign-in and retries included. */
  readonly log: (entry: RequestLogEntry) => void;
  readonly userAgent: string;
  /** A registry's `Warning` header, once for each text. */
  readonly onWarning?: (host: string, text: string) => void;
  /** What a registry says is left of its pulls, at each answer that says so. */
  readonly onRateLimit?: (host: string, limit: RateLimit) => void;
  /** A credential that could not be looked up: the registry is asked anonymously. */
  readonly onCredentialFailure?: (host: string, error: CredentialStoreError) => void;
  readonly clock?: Clock;
  readonly timeouts?: Timeouts;
  /** From 0 to 1; spreads the waits between tries. */
  readonly random?: () => number;
}

/** Builds the layers: retry over sign-in over redirects over one HTTP request. */
export function createTransport(options: CreateTransportOptions): Transport {
  const { clock = systemClock, timeouts = DEFAULT_TIMEOUTS } = options;
  const { onWarning = nothing, onRateLimit = nothing, onCredentialFailure = nothing } = options;
  const connections = new Connections();
  const givenUp = new WeakSet<Error>();
  const retry = { clock, givenUp, ...(options.random && { random: options.random }) };
  const secrets = new SentSecrets();
  const onProxyAuthorization = (value: string) => secrets.noteAuthorization(value);
  const sending = sendOnce({ ...options, connections, clock, timeouts, onProxyAuthorization });
  const answered = withoutSecrets(sending, secrets);
  const once = withWarnings(withRateLimits(answered, onRateLimit), onWarning);
  const authorizer = new Authorizer({
    credentials: options.credentials,
    clock,
    onCredentialFailure,
    sendToTokenServer: withRetry(withOwnRedirects(once), retry),
  });
  const layers = withRetry(authorizer.layer(withRedirects(once)), retry);
  return {
    send: async (request, transfer = {}) => {
      const endpoint = await options.endpointFor(request.host);
      return layers(outgoing(request, endpoint, transfer), waitOf(transfer));
    },
    forget: (host) => authorizer.forget(host),
    tokenServer: (host) => authorizer.tokenServer(host),
  };
}

function nothing(): void {
  // Nobody wants to know.
}

function outgoing(request: TransportRequest, endpoint: Endpoint, { onBytes }: TransferOptions): Outgoing {
  const origin = new URL(`${endpoint.plainHttp ? 'http' : 'https'}://${apiHost(endpoint.host)}`);
  const { path } = request;
  return {
    method: request.method,
    origin,
    endpoint,
    url: typeof path === 'function' ? origin : new URL(path, origin),
    headers: request.headers ?? {},
    scopes: request.scopes ?? [],
    secrets: request.secrets ?? [],
    ...(request.repository !== undefined && { repository: request.repository }),
    ...(request.ownSignIn && { ownSignIn: request.ownSignIn }),
    ...(request.list && { list: request.list }),
    ...(request.once && { once: request.once }),
    ...(typeof path === 'function' && { locate: path }),
    ...(request.body && { upload: new Upload(request.body, onBytes) }),
  };
}

function waitOf({ signal }: TransferOptions): Parameters<Send>[1] {
  return signal ? { signal } : {};
}
