import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { makeSigningCertificate } from './certificates';
import { signJwt } from './signJwt';
import { testAccount } from './testAccount';

/** What a docker-registry has to know of its token server. */
export interface TokenAuthority {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM of the certificate that the registry has to trust. */
  readonly certificate: string;
}

/** A token server for docker-registry. Anyone may pull from `public/...`; the test account may do everything. */
export interface TokenIssuer extends TokenAuthority {
  /** What was asked: `METHOD scope scope...`, with `anonymous`, `basic` or `refresh` in front. */
  readonly requests: readonly string[];
  /** The tokens it gave, the last at the end. */
  readonly tokens: readonly string[];
  /** Changes what it takes and gives from now on. */
  change(options: TokenIssuerOptions): void;
  stop(): Promise<void>;
}

/** The refresh token that stands for the test account. */
export const testIdentityToken = 'identity-token-of-tester';

export interface TokenIssuerOptions {
  /** What the answers say of a token's life, in seconds. */
  readonly lifetimeSeconds?: number;
  /** When docker-registry really stops to take a token, in seconds, up to one early; as the answers say by default. */
  readonly takenForSeconds?: number;
  /** The password of the test account. */
  readonly password?: string;
  /** The refresh token of the test account. */
  readonly identityToken?: string;
  /** The start of each token's id, which stands in it. */
  readonly tokenId?: string;
}

/** docker-registry takes a token so much longer than it says, in seconds. */
const LEEWAY_SECONDS = 60;

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const SERVICE = 'test registry';
const ISSUER = 'test issuer';

/** Starts a token server on 127.0.0.1. Spec: distribution, "Token Authentication" (JWT, RS256, x5c). */
export async function startTokenIssuer(options: TokenIssuerOptions = {}): Promise<TokenIssuer> {
  const signer = await makeSigningCertificate();
  const issuing: Issuing = { ...signer, ...defaults, ...options, requests: [], tokens: [] };
  const server = createServer((request, response) => void answer(request, response, issuing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    service: SERVICE,
    issuer: ISSUER,
    certificate: signer.cert,
    requests: issuing.requests,
    tokens: issuing.tokens,
    change: (changed) => void Object.assign(issuing, changed),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const defaults = { lifetimeSeconds: 300, password: testAccount.password, identityToken: testIdentityToken };

interface Issuing extends TokenIssuerOptions {
  readonly cert: string;
  readonly key: string;
  readonly lifetimeSeconds: number;
  readonly password: string;
  readonly identityToken: string;
  readonly requests: string[];
  readonly tokens: string[];
}

async function answer(request: IncomingMessage, response: ServerResponse, issuing: Issuing): Promise<void> {
  const isPost = request.method === 'POST';
  const query = new URL(request.url ?? '/', 'http://issuer').searchParams;
  const fields = isPost ? new URLSearchParams(await text(request)) : query;
  const scopes = fields.getAll('scope').flatMap((scope) => scope.split(' '));
  const user = isPost
    ? userByRefreshToken(fields, issuing)
    : userByBasic(request.headers.authorization, issuing);
  issuing.requests.push([user.how, ...scopes].join(' '));
  response.setHeader('Content-Type', 'application/json');
  if (!user.isValid) {
    response
      .writeHead(401)
      .end('{"errors":[{"code":"UNAUTHORIZED","message":"wrong user name or password"}]}');
    return;
  }
  const token = sign(
    scopes.map((scope) => allowed(scope, user.name)),
    user.name,
    issuing,
  );
  issuing.tokens.push(token);
  const name = isPost ? 'access_token' : 'token';
  response.end(JSON.stringify({ [name]: token, expires_in: issuing.lifetimeSeconds }));
}

function userByBasic(header: string | undefined, { password }: Issuing) {
  if (header === undefined) return { how: 'anonymous', name: '', isValid: true };
  const expected = Buffer.from(`${testAccount.username}:${password}`).toString('base64');
  return { how: 'basic', name: testAccount.username, isValid: header === `Basic ${expected}` };
}

function userByRefreshToken(fields: URLSearchParams, { identityToken }: Issuing) {
  const isValid =
    fields.get('grant_type') === 'refresh_token' && fields.get('refresh_token') === identityToken;
  return { how: 'refresh', name: testAccount.username, isValid };
}

function allowed(scope: string, user: string): Access {
  const [type = '', ...rest] = scope.split(':');
  const actions = (rest.pop() ?? '').split(',');
  const name = rest.join(':');
  if (user !== '') return { type, name, actions };
  return {
    type,
    name,
    actions: name.startsWith('public/') ? actions.filter((action) => action === 'pull') : [],
  };
}

function sign(access: readonly Access[], subject: string, issuing: Issuing): string {
  const { cert, key, lifetimeSeconds, takenForSeconds, tokenId = '' } = issuing;
  const now = Math.floor(Date.now() / 1000);
  const saidSeconds = takenForSeconds === undefined ? lifetimeSeconds : takenForSeconds - LEEWAY_SECONDS;
  const claims = {
    iss: ISSUER,
    sub: subject,
    aud: SERVICE,
    iat: now,
    nbf: now - 60,
    exp: now + saidSeconds,
    jti: `${tokenId}${randomUUID()}`,
    access,
  };
  return signJwt(claims, { cert, key });
}
