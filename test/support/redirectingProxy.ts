import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy on 127.0.0.1 that leads each write once to another address of its own. */
export interface RedirectingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** The methods that were led elsewhere. */
  readonly redirected: readonly string[];
  stop(): Promise<void>;
}

/** Starts it in front of `target` (`address:port`). It answers before it has read the body, as gateways do. */
export async function startRedirectingProxy(target: string, status: number): Promise<RedirectingProxy> {
  const redirected: string[] = [];
  const [hostname, port] = target.split(':');
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const isWrite = method !== 'GET' && method !== 'HEAD';
    if (isWrite && !url.includes('moved=1')) {
      redirected.push(method);
      response.writeHead(status, {
        Location: `${url}${url.includes('?') ? '&' : '?'}moved=1`,
        'Content-Length': 0,
      });
      return void response.end();
    }
    // The registry's own places lead back through here.
    const path = url.replace(/[?&]moved=1/, (found) => (found.startsWith('?') ? '?' : ''));
    const onward = send({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    redirected,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
