import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP proxy in front of a registry that refuses bodies past a size, as nginx does. */
export interface CappingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Methods of the requests that were refused, in their order. */
  readonly refused: readonly string[];
  /** Sizes of the bodies that were passed on. */
  readonly bodies: readonly number[];
  stop(): Promise<void>;
}

/** Starts one on loopback in front of `target` (`address:port`). */
export async function startCappingProxy(target: string, capBytes: number): Promise<CappingProxy> {
  const [hostname = '', port = ''] = target.split(':');
  const refused: string[] = [];
  const bodies: number[] = [];
  const server = createServer((incoming, answer) => {
    const { method = '', url = '', headers } = incoming;
    const sizeBytes = Number(headers['content-length'] ?? 0);
    const refuse = () => {
      refused.push(method);
      answer.writeHead(413, { 'Content-Type': 'text/html' }).end('<html>413 Request Entity Too Large</html>');
      incoming.resume();
    };
    if (sizeBytes > capBytes) return refuse();
    if (sizeBytes > 0) bodies.push(sizeBytes);
    const onward = request({ hostname, port, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on('error', () => answer.writableEnded || answer.destroy());
    incoming.pipe(onward);
    // One that does not say how long it is may become too long.
    let seenBytes = 0;
    const count = (chunk: Buffer) => {
      seenBytes += chunk.length;
      if (seenBytes <= capBytes) return;
      incoming.off('data', count).unpipe(onward);
      onward.destroy();
      refuse();
    };
    incoming.on('data', count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    bodies,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
