import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP proxy in front of a server, for what happens in the middle of a request or an answer. */
export interface CuttingProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Cuts one connection, once, when so many bytes of answers came through; `beforeCut` ends first. */
  cutAfter(bytes: number, beforeCut: () => Promise<void>): void;
  /** Holds one connection, once, when so many bytes of requests went through, until `meanwhile` ends. */
  holdAfter(bytes: number, meanwhile: () => Promise<void>): void;
  stop(): Promise<void>;
}

/** What is done when so many bytes have passed. */
interface Due {
  leftBytes: number;
  readonly act: () => Promise<void>;
}

/** Starts a proxy on loopback in front of `target` (`address:port`). */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const [address = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const due: { cut?: Due; hold?: Due } = {};
  const take = (kind: 'cut' | 'hold', bytes: number): Due | undefined => {
    const planned = due[kind];
    if (!planned || (planned.leftBytes -= bytes) > 0) return undefined;
    delete due[kind];
    return planned;
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), address);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk);
      const hold = take('hold', chunk.length);
      if (!hold) return;
      client.pause();
      void hold.act().then(() => client.resume());
    });
    upstream.on('data', (chunk: Buffer) => {
      const cut = take('cut', chunk.length);
      if (!cut) return void client.write(chunk);
      upstream.pause();
      void cut.act().then(() => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cutAfter: (leftBytes, act) => (due.cut = { leftBytes, act }),
    holdAfter: (leftBytes, act) => (due.hold = { leftBytes, act }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
