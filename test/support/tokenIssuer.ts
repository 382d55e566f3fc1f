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
  stop(): Promise<void>;
}

/** The refresh token that stands for the test account. */
export const testIdentityToken = 'identity-token-of-tester';

export interface TokenIssuerOptions {
  /** Written into tokens and answers, in seconds. */
  readonly lifetimeSeconds?: number;
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const SERVICE = 'test registry';
const ISSUER = 'test issuer';

/** Starts a token server on 127.0.0.1. Spec: distribution, "Token Authentication" (JWT, RS256, x5c). */
export async function startTokenIssuer({
  lifetimeSeconds = 300,
}: TokenIssuerOptions = {}): Promise<TokenIssuer> {
  const signer = await makeSigningCertificate();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, { ...signer, lifetimeSeconds, requests });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    service: SERVICE,
    issuer: ISSUER,
    certificate: signer.cert,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Issuing {
  readonly cert: string;
  readonly key: string;
  readonly lifetimeSeconds: number;
  readonly requests: string[];
}

async function answer(request: IncomingMessage, response: ServerResponse, issuing: Issuing): Promise<void> {
  const isPost = request.method === 'POST';
  const query = new URL(request.url ?? '/', 'http://issuer').searchParams;
  const fields = isPost ? new URLSearchParams(await text(request)) : query;
  const scopes = fields.getAll('scope').flatMap((scope) => scope.split(' '));
  const user = isPost ? userByRefreshToken(fields) : userByBasic(request.headers.authorization);
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
  const name = isPost ? 'access_token' : 'token';
  response.end(JSON.stringify({ [name]: token, expires_in: issuing.lifetimeSeconds }));
}

function userByBasic(header: string | undefined) {
  if (header === undefined) return { how: 'anonymous', name: '', isValid: true };
  const expected = Buffer.from(`${testAccount.username}:${testAccount.password}`).toString('base64');
  return { how: 'basic', name: testAccount.username, isValid: header === `Basic ${expected}` };
}

function userByRefreshToken(fields: URLSearchParams) {
  const isValid =
    fields.get('grant_type') === 'refresh_token' && fields.get('refresh_token') === testIdentityToken;
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

function sign(access: readonly Access[], subject: string, { cert, key, lifetimeSeconds }: Issuing): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    sub: subject,
    aud: SERVICE,
    iat: now,
    nbf: now - 60,
    exp: now + lifetimeSeconds,
    jti: randomUUID(),
    access,
  };
  return signJwt(claims, { cert, key });
}
