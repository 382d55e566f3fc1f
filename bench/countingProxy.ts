import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of a registry that counts what comes. */
export interface CountingProxy {
  /** `127.0.0.1:port` */
  readonly host: string;
  readonly requests: number;
  readonly connections: number;
  stop(): Promise<void>;
}

/** Starts one in front of `upstream` (`host:port`). Registries build addresses of uploads from the `Host` they are asked by. */
export async function startCountingProxy(upstream: string): Promise<CountingProxy> {
  const [address = '', port] = upstream.split(':');
  const agent = new http.Agent({ keepAlive: true });
  const counts = { requests: 0, connections: 0 };
  const server = http.createServer((request, response) => {
    counts.requests++;
    const { method, url: path, headers } = request;
    const passed = http.request({ host: address, port, method, path, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.once('error', () => response.destroy());
    request.pipe(passed);
  });
  server.on('connection', () => counts.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return counts.requests;
    },
    get connections() {
      return counts.connections;
    },
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
