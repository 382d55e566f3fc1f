import type { Credential } from '../../oci/credential';
import { InvalidContentError, RegistryError, SignInRequiredError } from '../../oci/errors';
import { jwtClaims } from '../../oci/jwtClaims';
import type { WaitOptions } from '../../oci/target';
import type { Outgoing, Send } from '../outgoing';
import { readCapped } from '../readCapped';
import { readFailure } from '../registryFailure';
import type { TransportResponse } from '../transport';
import { Upload } from '../upload';
import type { Token } from './tokenCache';

const MAX_ANSWER_BYTES = 128 * 1024;
const DEFAULT_LIFETIME_SECONDS = 60;
const CLIENT_ID = 'oci-artifacts';

/** What a token is asked for. `for` is the request that needs it. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service?: string;
  readonly scopes: readonly string[];
  readonly credential?: Credential;
  readonly for: Outgoing;
}

/**
 * Asks a token server for a bearer token: GET with Basic or anonymously, POST with an identity token.
 * Errors: SignInRequiredError, RegistryError, InvalidContentError, NetworkError.
 * Spec: distribution, "Token Authentication Specification" and "OAuth2 Token Authentication".
 */
export async function fetchToken(send: Send, request: TokenRequest, wait: WaitOptions = {}): Promise<Token> {
  const outgoing = request.credential?.kind === 'identityToken' ? byRefreshToken(request) : byGet(request);
  const response = await send(outgoing, wait);
  if (response.status !== 200) throw await refusal(response, request, outgoing.method);
  return readToken(await readCapped(response.body, MAX_ANSWER_BYTES, answerOf(request)), request);
}

function byGet({ realm, service, scopes, credential, for: cause }: TokenRequest): Outgoing {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const authorization = credential?.kind === 'basic' && { Authorization: basicAuthorization(credential) };
  return { ...base(cause), method: 'GET', url, headers: { ...authorization } };
}

function byRefreshToken({ realm, service, scopes, credential, for: cause }: TokenRequest): Outgoing {
  const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (credential?.kind === 'identityToken') form.set('refresh_token', credential.token);
  return {
    ...base(cause),
    method: 'POST',
    url: realm,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    upload: new Upload(Buffer.from(form.toString())),
    ...(credential?.kind === 'identityToken' && { secrets: [credential.token] }),
  };
}

function base({ endpoint, origin }: Outgoing): Pick<Outgoing, 'endpoint' | 'origin' | 'scopes'> {
  return { endpoint, origin, scopes: [] };
}

/** The value of an `Authorization` header. Spec: RFC 7617, with UTF-8. */
export function basicAuthorization({ username, password }: Credential & { kind: 'basic' }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function readToken(bytes: Buffer, request: TokenRequest): Token {
  const fields = parseFields(bytes, request);
  const text = [fields['access_token'], fields['token']].find(
    (value) => typeof value === 'string' && value !== '',
  );
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text)) {
    throw new InvalidContentError(answerOf(request), 'it holds no token');
  }
  const seconds = fields['expires_in'];
  const lifetimeSeconds = isSpan(seconds) ? seconds : (lifetimeIn(text) ?? DEFAULT_LIFETIME_SECONDS);
  return { text, lifetimeMs: lifetimeSeconds * 1000 };
}

/** Azure's answers say nothing of it, but its tokens do: how long from one to the other, by the server's own clock. */
function lifetimeIn(token: string): number | undefined {
  const { iat, exp } = jwtClaims(token);
  const seconds = Number(exp) - Number(iat);
  return typeof exp === 'number' && typeof iat === 'number' && isSpan(seconds) ? seconds : undefined;
}

function isSpan(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0;
}

/** The parser's message is left out: it would quote the answer, which may hold a token. */
function parseFields(bytes: Buffer, request: TokenRequest): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Said below.
  }
  throw new InvalidContentError(answerOf(request), 'it is not a JSON object');
}

async function refusal(
  response: TransportResponse,
  { credential, for: cause }: TokenRequest,
  method: string,
): Promise<RegistryError> {
  const failure = await readFailure(response, method);
  const isBadGrant = failure.status === 400 && credential?.kind === 'identityToken';
  if (failure.status !== 401 && failure.status !== 403 && !isBadGrant) return new RegistryError(failure);
  return new SignInRequiredError(cause.endpoint.host, credential !== undefined, failure);
}

function answerOf({ realm }: TokenRequest): string {
  return `The answer of the token server ${realm.host}`;
}
