import { randomUUID } from 'node:crypto';
import { signJwt, verifiedClaims, type Claims, type Signer } from './signJwt';

export const ACR_ISSUER = 'Azure Container Registry';
const NULL_USER = '00000000-0000-0000-0000-000000000000';
const REFRESH_SECONDS = 3 * 60 * 60;
const ACCESS_SECONDS = 75 * 60;
/** What Microsoft's tokens are for, as their `aud` says. */
const AUDIENCES = {
  management: 'https://management.azure.com',
  registry: 'https://containerregistry.azure.net',
};

export type Audience = keyof typeof AUDIENCES;

/** One registry's view of the world; what is not readonly a test may change while the stand-in runs. */
export interface AcrState {
  /** The name that tokens are for: the registry's host. */
  service: string;
  readonly signer: Signer;
  /** The directory whose users may come in. */
  readonly tenant: string;
  readonly servicePrincipal: { readonly username: string; readonly password: string };
  /** In milliseconds; for refresh tokens. docker-registry looks at access tokens by the machine's own clock. */
  readonly now: () => number;
  /** As `az acr config authentication-as-arm` sets it: tokens for Azure's management are taken too. */
  takesManagementTokens: boolean;
  /** The start of each token's id, which stands in it. */
  readonly tokenId: string;
  /** Nothing that was given out is good any more, and nothing is given. */
  isRevoked: boolean;
}

/** The access token that Microsoft's sign-in gives a user, as far as a registry looks at it. */
export function microsoftToken(state: AcrState, tenant: string, audience: Audience): string {
  const iat = Math.floor(state.now() / 1000);
  const claims = { aud: AUDIENCES[audience], iss: `https://sts.windows.net/${tenant}/`, tid: tenant };
  const uti = `${state.tokenId}${randomUUID()}`;
  return signJwt({ ...claims, uti, upn: 'user@contoso.com', iat, exp: iat + 3600 }, state.signer);
}

/** The refresh token for a form of `POST /oauth2/exchange`; undefined where it is refused. */
export function exchange(state: AcrState, form: URLSearchParams): string | undefined {
  const claims = verified(form.get('access_token'), state);
  const taken = [AUDIENCES.registry, ...(state.takesManagementTokens ? [AUDIENCES.management] : [])];
  const fits =
    form.get('grant_type') === 'access_token' &&
    form.get('service') === state.service &&
    form.get('tenant') === claims?.['tid'] &&
    claims?.['tid'] === state.tenant &&
    taken.includes(String(claims['aud']));
  return fits && !state.isRevoked ? refreshToken(state) : undefined;
}

/** A refresh token with the claims that Azure documents. */
export function refreshToken(state: AcrState): string {
  const iat = Math.floor(state.now() / 1000);
  const permissions = { actions: ['*'], notActions: [] };
  return sign(state, {
    iat,
    exp: iat + REFRESH_SECONDS,
    grant_type: 'refresh_token',
    permissions,
    tenant: state.tenant,
  });
}

/** The access token for a form of `POST /oauth2/token`; undefined where it is refused. */
export function accessByRefreshToken(state: AcrState, form: URLSearchParams): string | undefined {
  const isRight = form.get('grant_type') === 'refresh_token' && form.get('service') === state.service;
  return isRight && isRefreshToken(state, form.get('refresh_token')) ? accessToken(state, form) : undefined;
}

/** The access token for `GET /oauth2/token` with Basic: a service principal, or a refresh token in the password. */
export function accessByBasic(state: AcrState, header: string, query: URLSearchParams): string | undefined {
  const [user = '', ...rest] = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':');
  const { username: principal, password: secret } = state.servicePrincipal;
  const isPrincipal = user === principal && password === secret && !state.isRevoked;
  const isRight = isPrincipal || (user === NULL_USER && isRefreshToken(state, password));
  return isRight && query.get('service') === state.service ? accessToken(state, query) : undefined;
}

/** True for a bearer token that allows an action on a repository. */
export function allows(
  state: AcrState,
  header: string | undefined,
  repository: string,
  action: string,
): boolean {
  const claims = verified(header?.replace(/^Bearer /, '') ?? null, state);
  const access = (claims?.['access'] ?? []) as readonly { name: string; actions: readonly string[] }[];
  return access.some(({ name, actions }) => name === repository && actions.includes(action));
}

function accessToken(state: AcrState, asked: URLSearchParams): string {
  const scopes = asked.getAll('scope').flatMap((scope) => scope.split(' ').filter(Boolean));
  const access = scopes.map((scope) => {
    const [, type, name, actions = ''] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
    return { type, name, actions: actions.split(',') };
  });
  const iat = Math.floor(Date.now() / 1000);
  return sign(state, { iat, exp: iat + ACCESS_SECONDS, grant_type: 'access_token', access });
}

function isRefreshToken(state: AcrState, token: string | null): boolean {
  const claims = verified(token, state);
  const isAlive = Number(claims?.['exp'] ?? 0) * 1000 > state.now();
  return claims?.['grant_type'] === 'refresh_token' && isAlive && !state.isRevoked;
}

function verified(token: string | null, { signer }: AcrState): Claims | undefined {
  return token === null ? undefined : verifiedClaims(token, signer);
}

function sign({ service, signer, tokenId }: AcrState, claims: Claims): string {
  const common = {
    jti: `${tokenId}${randomUUID()}`,
    sub: 'user@contoso.com',
    iss: ACR_ISSUER,
    aud: service,
    version: '1.0',
  };
  return signJwt({ ...common, nbf: claims['iat'], roles: [], ...claims }, signer);
}
