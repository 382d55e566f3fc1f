import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from './certificateAuthority';

/** What a gateway demands, and where it passes requests on to. */
export interface GatewayOptions {
  /** `host:port` of a registry over plain HTTP. */
  readonly upstream: string;
  readonly tls: KeyPair;
  /** A header that each request must have; without it the answer is 403. */
  readonly demand?: readonly [name: string, value: string];
}

/** A company's gateway in front of a registry: TLS on 127.0.0.2. */
export interface Gateway {
  /** `127.0.0.2:port` */
  readonly host: string;
  /** The headers of each request. */
  readonly seen: readonly IncomingHttpHeaders[];
  /** Connections accepted so far. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** Starts a gateway on a free port. */
export async function startGateway({ upstream, tls, demand }: GatewayOptions): Promise<Gateway> {
  const seen: IncomingHttpHeaders[] = [];
  let connections = 0;
  const [address = '', port] = upstream.split(':');
  const server = https.createServer({ ...tls }, (request, response) => {
    seen.push(request.headers);
    if (demand && request.headers[demand[0].toLowerCase()] !== demand[1]) {
      response.writeHead(403).end();
      return;
    }
    const { method, url: path } = request;
    const headers = { ...request.headers, 'x-forwarded-proto': 'https' };
    const passed = http.request({ host: address, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  server.on('secureConnection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  return {
    host: `127.0.0.2:${(server.address() as AddressInfo).port}`,
    seen,
    connections: () => connections,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
