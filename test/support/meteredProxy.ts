import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a server that counts what comes through, at the speed of a line. */
export interface MeteredProxy {
  /** `127.0.0.1:<port>`, the same after a cut. */
  readonly host: string;
  /** Bytes of answers that were passed on so far. */
  readonly answeredBytes: () => number;
  /** Bytes of requests that were passed on so far. */
  readonly askedBytes: () => number;
  /** Cuts all connections when so many more bytes of answers came through, and refuses new ones until `mend`. */
  cutAfterAnswers(bytes: number): void;
  /** The same by bytes of requests. */
  cutAfterRequests(bytes: number): void;
  /** Passes no answers on when so many more bytes of them came through, until `mend`. */
  holdAfterAnswers(bytes: number): void;
  /** The same by bytes of requests. */
  holdAfterRequests(bytes: number): void;
  /** Cuts all connections, and refuses new ones until `mend`. */
  cut(): void;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

/** One direction of all connections. */
interface Meter {
  passedBytes: number;
  due: { readonly atBytes: number; readonly what: 'cut' | 'hold' } | undefined;
  /** Connections that wait for the mending. */
  held: Socket[];
}

const PIECE_MS = 5;

/** Starts a proxy on loopback in front of `target` (`address:port`); `bytesPerSecond` is for each direction alone. */
export async function startMeteredProxy(target: string, bytesPerSecond: number): Promise<MeteredProxy> {
  const [address = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const answers: Meter = { passedBytes: 0, due: undefined, held: [] };
  const requests: Meter = { passedBytes: 0, due: undefined, held: [] };
  const cut = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server: Server = createServer((client) => {
    const upstream = connect(Number(port), address);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
    pass(client, upstream, { meter: requests, bytesPerSecond, cut });
    pass(upstream, client, { meter: answers, bytesPerSecond, cut });
  });
  const listen = (at: number) =>
    new Promise<void>((resolve) => server.listen(at, '127.0.0.1', () => resolve()));
  await listen(0);
  const ownPort = (server.address() as AddressInfo).port;
  const plan = (meter: Meter, what: 'cut' | 'hold') => (bytes: number) =>
    void (meter.due = { atBytes: Math.round(meter.passedBytes + bytes), what });
  return {
    host: `127.0.0.1:${ownPort}`,
    answeredBytes: () => answers.passedBytes,
    askedBytes: () => requests.passedBytes,
    cutAfterAnswers: plan(answers, 'cut'),
    cutAfterRequests: plan(requests, 'cut'),
    holdAfterAnswers: plan(answers, 'hold'),
    holdAfterRequests: plan(requests, 'hold'),
    cut,
    mend: async () => {
      for (const meter of [answers, requests]) {
        meter.due = undefined;
        for (const socket of meter.held.splice(0)) socket.resume();
      }
      if (!server.listening) await listen(ownPort);
    },
    stop: async () => cut(),
  };
}

interface Line {
  readonly meter: Meter;
  readonly bytesPerSecond: number;
  readonly cut: () => void;
}

function pass(from: Socket, to: Socket, { meter, bytesPerSecond, cut }: Line): void {
  let dueMs = 0;
  const take = (chunk: Buffer): void => {
    const now = performance.now();
    const { due } = meter;
    const leftBytes = due ? due.atBytes - meter.passedBytes : Infinity;
    const piece = chunk.subarray(0, Math.max(0, leftBytes));
    meter.passedBytes += piece.length;
    const hasRoom = to.write(piece);
    if (due && piece.length < chunk.length) {
      if (due.what === 'cut') return cut();
      meter.held.push(from);
      from.pause();
      return from.unshift(chunk.subarray(piece.length));
    }
    dueMs = Math.max(dueMs, now) + (1000 * piece.length) / bytesPerSecond;
    if (hasRoom && dueMs - now < PIECE_MS) return;
    from.pause();
    const drained = hasRoom ? Promise.resolve() : new Promise((resolve) => to.once('drain', resolve));
    void drained.then(() => setTimeout(() => from.resume(), Math.max(0, dueMs - performance.now())));
  };
  from.on('data', take);
}
