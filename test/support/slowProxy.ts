import net from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A network far away: a request takes `roundTripMs` to arrive, answers come at `bytesPerSecond` on each connection. */
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
    delay(client, far, distance);
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

/** The way there and back counts before the request has arrived. */
function delay(from: net.Socket, to: net.Socket, { roundTripMs }: Distance): void {
  const later = (act: () => unknown) => void setTimeout(act, roundTripMs);
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)));
  from.once('end', () => later(() => to.end()));
}

async function pace(from: net.Socket, to: net.Socket, { bytesPerSecond }: Distance): Promise<void> {
  const pieceBytes = Math.max(1, Math.floor((bytesPerSecond * PIECE_MS) / 1000));
  let dueMs = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    dueMs = Math.max(dueMs, performance.now());
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
