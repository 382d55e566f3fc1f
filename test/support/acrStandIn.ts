import { rm } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import * as tokens from './acrTokens';
import { makeSigningCertificate, type Certificates } from './certificates';
import { startDockerRegistry, type DockerRegistry } from './dockerRegistry';

/** A registry that behaves as one of Azure's. */
export interface AcrStandIn {
  /** `address:port` */
  readonly host: string;
  readonly state: tokens.AcrState;
  /** What came in: `METHOD /path`, without the query. */
  readonly requests: readonly string[];
  /** The bodies of `POST /oauth2/exchange`. */
  readonly exchanges: readonly URLSearchParams[];
  stop(): Promise<void>;
}

export interface AcrStandInOptions {
  /** Serves TLS, on 127.0.0.2; else plain HTTP on 127.0.0.1. */
  readonly tls?: Certificates;
  readonly now?: () => number;
  /** The password of the service principal. */
  readonly password?: string;
  /** The start of each token's id, which stands in it. */
  readonly tokenId?: string;
}

const TENANT = '409520d4-8100-4d1d-ad47-72432ddcc120';
const UNAUTHORIZED = 'authentication required, visit https://aka.ms/acr/authorization for more information.';

/**
 * A stand-in for Azure Container Registry, made from Azure's documentation; Azure itself was not reached. In front of a
 * real docker-registry, which verifies the tokens that are given here, it answers `/oauth2/exchange`, `/oauth2/token`
 * and the `/acr/v1` paths that untag and delete; and `/tenants`, which in truth is Azure Resource Manager's.
 * Sources: Azure/acr, docs/AAD-OAuth.md; Azure REST API, "Container Registry", 2021-07-01, and "Tenants - List".
 */
export async function startAcrStandIn(options: AcrStandInOptions = {}): Promise<AcrStandIn> {
  const { tls, now = Date.now, password = 'principal~s3cret', tokenId = '' } = options;
  const state: tokens.AcrState = {
    service: '',
    signer: await makeSigningCertificate(),
    tenant: TENANT,
    servicePrincipal: { username: 'c1a7b2d0-5a0e-4a4f-9a58-1d2f3a4b5c6d', password },
    now,
    takesManagementTokens: true,
    tokenId,
    isRevoked: false,
  };
  const seen: Seen = { requests: [], exchanges: [] };
  const server = tls ? createHttpsServer({ cert: tls.cert, key: tls.key }) : createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, tls ? '127.0.0.2' : '127.0.0.1', resolve));
  const { address, port } = server.address() as AddressInfo;
  state.service = `${address}:${port}`;
  const registry = await startDockerRegistry({
    auth: {
      realm: realmOf(state, tls !== undefined),
      service: state.service,
      issuer: tokens.ACR_ISSUER,
      certificate: state.signer.cert,
    },
    deleteEnabled: true,
  });
  const serving = { state, seen, registry, isTls: tls !== undefined };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void new Exchange(serving, request, response).answer();
  });
  const stop = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await registry.stop();
  };
  return { host: state.service, state, ...seen, stop };
}

interface Seen {
  readonly requests: string[];
  readonly exchanges: URLSearchParams[];
}

interface Serving {
  readonly state: tokens.AcrState;
  readonly seen: Seen;
  readonly registry: DockerRegistry;
  readonly isTls: boolean;
}

class Exchange {
  private readonly url: URL;

  constructor(
    private readonly serving: Serving,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {
    this.url = new URL(request.url ?? '/', 'http://acr');
  }

  async answer(): Promise<void> {
    const { method } = this.request;
    const { pathname } = this.url;
    this.serving.seen.requests.push(`${method} ${pathname}`);
    if (pathname === '/oauth2/exchange') return this.exchange();
    if (pathname === '/oauth2/token') return this.token();
    if (pathname === '/tenants') return this.tenants();
    const own = /^\/acr\/v1\/(.+?)(?:\/_tags\/([^/]+))?$/.exec(pathname);
    if (own?.[1] && method === 'DELETE') return this.remove(own[1], own[2]);
    this.forward();
  }

  /** Another method is answered with 404. Source: Azure/acr, issue 166. */
  private async exchange(): Promise<void> {
    if (this.request.method !== 'POST') return this.refuse(404, 'NOT_FOUND', 'page not found');
    const form = new URLSearchParams(await text(this.request));
    this.serving.seen.exchanges.push(form);
    const token = tokens.exchange(this.serving.state, form);
    if (token === undefined) return this.refuse(401, 'UNAUTHORIZED', UNAUTHORIZED);
    this.json(200, { refresh_token: token });
  }

  private async token(): Promise<void> {
    const { state } = this.serving;
    const isPost = this.request.method === 'POST';
    const token = isPost
      ? tokens.accessByRefreshToken(state, new URLSearchParams(await text(this.request)))
      : tokens.accessByBasic(state, this.request.headers.authorization ?? '', this.url.searchParams);
    if (token === undefined) return this.refuse(401, 'UNAUTHORIZED', UNAUTHORIZED);
    this.json(200, { access_token: token });
  }

  private tenants(): void {
    const { authorization } = this.request.headers;
    if (!authorization?.startsWith('Bearer '))
      return this.refuse(401, 'AuthenticationFailed', 'Authentication failed.');
    const own = {
      id: `/tenants/${TENANT}`,
      tenantId: TENANT,
      displayName: 'Contoso',
      defaultDomain: 'contoso.com',
    };
    const other = { id: `/tenants/${OTHER_TENANT}`, tenantId: OTHER_TENANT, displayName: 'Fabrikam' };
    this.json(200, { value: [other, own] });
  }

  /** docker-registry 2.8 can do neither, so it is done in its storage. */
  private async remove(name: string, tag: string | undefined): Promise<void> {
    const { state, registry } = this.serving;
    if (!tokens.allows(state, this.request.headers.authorization, name, 'delete')) {
      return this.refuse(401, 'UNAUTHORIZED', UNAUTHORIZED, `repository:${name}:delete`);
    }
    const repository = path.join(registry.folder, 'storage/docker/registry/v2/repositories', name);
    try {
      await rm(tag === undefined ? repository : path.join(repository, '_manifests/tags', tag), {
        recursive: true,
      });
      this.json(202, tag === undefined ? { manifestsDeleted: [], tagsDeleted: [] } : {});
    } catch {
      this.refuse(404, tag === undefined ? 'NAME_UNKNOWN' : 'TAG_UNKNOWN', 'not found');
    }
  }

  private forward(): void {
    const { registry, isTls } = this.serving;
    const headers = { ...this.request.headers, 'x-forwarded-proto': isTls ? 'https' : 'http' };
    const { method, url: target } = this.request;
    const onward = httpRequest(`http://${registry.host}${target}`, { method, headers }, (answer) => {
      this.response.writeHead(answer.statusCode ?? 502, asAcr(answer.headers));
      answer.pipe(this.response);
    });
    onward.on('error', () => this.response.destroy());
    this.request.pipe(onward);
  }

  private refuse(status: number, code: string, message: string, scope?: string): void {
    const { state, isTls } = this.serving;
    const challenge = `Bearer realm="${realmOf(state, isTls)}",service="${state.service}"`;
    if (scope) this.response.setHeader('Www-Authenticate', `${challenge},scope="${scope}"`);
    this.json(status, { errors: [{ code, message }] });
  }

  private json(status: number, value: object): void {
    this.response
      .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
      .end(JSON.stringify(value));
  }
}

/** A tenant of the user's that has nothing to do with the registry. */
export const OTHER_TENANT = '00c0ffee-0000-4000-8000-000000000000';

function realmOf({ service }: tokens.AcrState, isTls: boolean): string {
  return `${isTls ? 'https' : 'http'}://${service}/oauth2/token`;
}

/** Azure names the order in the address of the next page. */
function asAcr(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { link } = headers;
  return typeof link === 'string' ? { ...headers, link: link.replace('>;', '&orderby=>;') } : headers;
}
