import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Endpoint } from './transport';

/** Connections that are kept open between requests, one pool for each way of checking certificates. */
export class Agents {
  private readonly plain = new http.Agent({ keepAlive: true });
  private readonly secure = new Map<string, https.Agent>();

  agentFor(url: URL, endpoint: Endpoint): http.Agent {
    if (url.protocol === 'http:') return this.plain;
    const key = `${endpoint.insecure} ${endpoint.ca ?? ''}`;
    const agent = this.secure.get(key) ?? new https.Agent({ keepAlive: true, ...tlsOptions(endpoint) });
    this.secure.set(key, agent);
    return agent;
  }

  /** Closes idle connections; those in use end with their requests. */
  close(): void {
    this.plain.destroy();
    for (const agent of this.secure.values()) agent.destroy();
    this.secure.clear();
  }
}

/** Node takes `ca` instead of its own list, so that list is put before it. */
function tlsOptions({ insecure, ca }: Endpoint): https.AgentOptions {
  return {
    ...(insecure && { rejectUnauthorized: false }),
    ...(ca !== undefined && { ca: [...tls.rootCertificates, ca] }),
  };
}
