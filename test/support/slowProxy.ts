import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A network far away: `roundTripMs` for each answer's first byte, `bytesPerSecond` on each connection. */
export interface Distance {
  readonly roundTripMs: number;
  readonly bytesPerSecond: number;
}

export interface SlowProxy {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** How many connections were made so far. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** A piece takes this long at the most, so that the pace is even. */
const PIECE_MS = 20;

/** Puts a server (`host:port`) at a distance: bytes to the client are delayed and paced, each connection by itself. */
export async function startSlowProxy(upstream: string, distance: Distance): Promise<SlowProxy> {
  const [address = '', port] = upstream.split(':');
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((client) => {
    connections++;
    const far = net.connect(Number(port), address);
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
    client.once('close', () => far.destroy());
    client.pipe(far);
    void pace(far, client, distance).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    get connections() {
      return connections;
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A pause of the sender counts as a new answer, which has its way to go first. */
async function pace(
  from: net.Socket,
  to: net.Socket,
  { roundTripMs, bytesPerSecond }: Distance,
): Promise<void> {
  const pieceBytes = Math.max(1, Math.floor((bytesPerSecond * PIECE_MS) / 1000));
  let dueMs = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    if (performance.now() > dueMs) dueMs = performance.now() + roundTripMs;
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      dueMs += (piece.length / bytesPerSecond) * 1000;
      const aheadMs = dueMs - performance.now();
      if (aheadMs > 1) await wait(aheadMs);
      if (!to.write(piece)) await new Promise((resolve) => to.once('drain', resolve));
    }
  }
  to.end();
}
