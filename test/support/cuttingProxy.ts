import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy in front of a server, which can cut a connection in the middle of an answer. */
export interface CuttingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Cuts one connection, once, when so many bytes of answers came through; `beforeCut` ends first. */
  cutAfter(bytes: number, beforeCut: () => Promise<void>): void;
  stop(): Promise<void>;
}

/** Starts a proxy on loopback in front of `target` (`address:port`). */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const [address = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  let cut: { leftBytes: number; readonly beforeCut: () => Promise<void> } | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(port), address);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.pipe(upstream);
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    upstream.on('data', (chunk: Buffer) => {
      const due = cut && (cut.leftBytes -= chunk.length) <= 0 ? cut : undefined;
      if (!due) return void client.write(chunk);
      cut = undefined;
      upstream.pause();
      void due.beforeCut().then(() => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (bytes, beforeCut) => (cut = { leftBytes: bytes, beforeCut }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
