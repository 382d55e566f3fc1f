import http from 'node:http';
import type https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Endpoint } from './transport';

/** How a connection is made, as the `request` functions of Node take it. */
export type ConnectionOptions = https.RequestOptions &
  Pick<tls.ConnectionOptions, 'secureContext' | 'session'>;

/**
 * Carries the options of one connection through node-fetch to the seam (requestSeam.ts): node-fetch passes nothing of
 * its caller on but an agent. It never makes a connection itself.
 */
export class Connection extends http.Agent {
  /** The status of an answer that a proxy gave in the place of the host: a tunnel that was refused. */
  proxyStatus: number | undefined;
  /** What VS Code signed in to a proxy with, as the header `Proxy-Authorization` has it. */
  proxyAuthorization: string | undefined;

  constructor(readonly options: ConnectionOptions) {
    super();
  }
}

/** Turns endpoints into connection options. What is costly is made once for each endpoint object. */
export class Connections {
  private readonly contexts = new WeakMap<Endpoint, tls.SecureContext>();

  /** `own` is true for the registry's own origin, the only one that `resolve` is for. */
  optionsFor(url: URL, endpoint: Endpoint, own: boolean): ConnectionOptions {
    const { resolve } = endpoint;
    return {
      ...(own && resolve && { hostname: resolve.address, port: resolve.port ?? portOf(url) }),
      ...(url.protocol === 'https:' && this.tlsOptions(url, endpoint)),
    };
  }

  private tlsOptions(url: URL, endpoint: Endpoint): ConnectionOptions {
    const { insecure, ca, clientCertificate } = endpoint;
    const name = url.hostname.replace(/^\[|\]$/g, '');
    return {
      ...(insecure ? { rejectUnauthorized: false, ...servername(name) } : expectedName(name)),
      ...clientCertificate,
      // The context decides; `ca` beside it tells Node's pools of connections apart, and VS Code that it is set.
      ...(ca !== undefined && { ca, secureContext: this.contextOf(endpoint, ca) }),
    };
  }

  /** Reading some hundred certificates takes tens of milliseconds: too long for each connection. */
  private contextOf(endpoint: Endpoint, ca: string): tls.SecureContext {
    const known = this.contexts.get(endpoint);
    if (known) return known;
    const context = tls.createSecureContext({
      ca: [...trustedAuthorities(), ca],
      ...endpoint.clientCertificate,
    });
    this.contexts.set(endpoint, context);
    return context;
  }
}

/**
 * What the certificate has to be for. An IP address cannot be said in the handshake: without a word Node would check the
 * address it connects to, and VS Code's proxy agent "localhost". Newer Nodes do not use a connection again that has a
 * check of its own, so names go without.
 */
function expectedName(name: string): ConnectionOptions {
  if (!net.isIP(name)) return servername(name);
  return { checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate) };
}

function servername(name: string): ConnectionOptions {
  return net.isIP(name) ? {} : { servername: name };
}

/** `tls` since Node 22.15. */
interface NewerTls {
  readonly getCACertificates?: (store: 'default' | 'system') => readonly string[];
}

/**
 * The authorities, as PEM texts, that count beside a CA file: Node takes that in place of its own list, and VS Code
 * then leaves out the system's. Before Node 22.15 only Node's own.
 */
function trustedAuthorities(): readonly string[] {
  const { getCACertificates } = tls as NewerTls;
  if (!getCACertificates) return tls.rootCertificates;
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}
