import { createHash, type Hash } from 'node:crypto';
import type * as Crypto from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type * as Threads from 'node:worker_threads';
import type { ContentHash } from './contentHash';

/** Bytes are handed over in memory that both threads see, so many pieces of this size for each hash. */
const SLOT_BYTES = 1024 * 1024;
const SLOTS = 3;
const MAX_THREADS = Math.min(4, availableParallelism());
/** To start a thread takes tens of milliseconds. */
const IDLE_MS = 10_000;

/** What a thread is told of one hash. Bytes are taken in the order they are sent in. */
type Order = { readonly id: number } & (
  | { readonly algorithm: string }
  | { readonly slot: SharedArrayBuffer; readonly sizeBytes: number }
  | { readonly last: 'digest' | 'abandon' }
);

/** `hex` when it is through; else that the oldest slot was read. */
interface Answer {
  readonly id: number;
  readonly hex?: string;
}

/** Runs in the thread, from its text: it sees nothing but what it is given. */
function serveHashes({ parentPort }: typeof Threads, crypto: typeof Crypto): void {
  const hashes = new Map<number, Hash>();
  parentPort?.on('message', (order: Order) => {
    const { id } = order;
    if ('algorithm' in order) return void hashes.set(id, crypto.createHash(order.algorithm));
    const hash = hashes.get(id);
    if ('slot' in order) {
      hash?.update(new Uint8Array(order.slot, 0, order.sizeBytes));
      return parentPort.postMessage({ id });
    }
    hashes.delete(id);
    if (order.last === 'digest') parentPort.postMessage({ id, hex: hash?.digest('hex') });
  });
}

/** A thread that hashes for several at once. It ends when nobody has needed it for a while. */
class HashThread {
  private static readonly all = new Set<HashThread>();
  private static lastId = 0;

  private readonly worker: Worker;
  private readonly users = new Map<number, ThreadHash>();
  private idle: NodeJS.Timeout | undefined;

  /** The least busy one, or one more. */
  static forOneMore(): HashThread {
    const [best] = [...HashThread.all].sort((one, other) => one.users.size - other.users.size);
    const isFree = best && (best.users.size === 0 || HashThread.all.size >= MAX_THREADS);
    return isFree ? best : new HashThread();
  }

  private constructor() {
    const program = `(${serveHashes.toString()})(require('node:worker_threads'), require('node:crypto'))`;
    this.worker = new Worker(program, { eval: true, execArgv: [], env: {} });
    this.worker.on('message', ({ id, hex }: Answer) => this.users.get(id)?.answered(hex));
    this.worker.once('error', (error) => this.failed(error));
    this.worker.once('exit', () => this.failed(new Error('The thread that computes digests has ended.')));
    HashThread.all.add(this);
  }

  begin(user: ThreadHash, algorithm: string): number {
    clearTimeout(this.idle);
    const id = ++HashThread.lastId;
    this.users.set(id, user);
    this.worker.ref();
    this.send({ id, algorithm });
    return id;
  }

  send(order: Order): void {
    this.worker.postMessage(order);
  }

  end(id: number): void {
    this.users.delete(id);
    if (this.users.size > 0) return;
    this.worker.unref();
    this.idle = setTimeout(() => this.close(), IDLE_MS).unref();
  }

  private close(): void {
    HashThread.all.delete(this);
    void this.worker.terminate();
  }

  private failed(error: Error): void {
    HashThread.all.delete(this);
    for (const user of this.users.values()) user.failed(error);
    this.users.clear();
  }
}

/** Hashes in another thread. What is through before the first piece is full never goes there. */
export class ThreadHash implements ContentHash {
  private thread: HashThread | undefined;
  private id = 0;
  /** Slots that the thread is through with. */
  private readonly free: SharedArrayBuffer[] = [];
  private readonly sent: SharedArrayBuffer[] = [];
  private current: SharedArrayBuffer | undefined;
  private currentBytes = 0;
  /** What came while all slots were full. */
  private readonly waiting: Uint8Array[] = [];
  private hasRoom: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  private result:
    { readonly resolve: (hex: string) => void; readonly reject: (error: Error) => void } | undefined;
  private failure: Error | undefined;

  constructor(private readonly algorithm: string) {}

  update(chunk: Uint8Array): void {
    if (this.failure) return;
    if (this.waiting.length > 0) this.waiting.push(chunk);
    else this.take(chunk);
  }

  room(): Promise<void> | undefined {
    if (this.waiting.length === 0 || this.failure) return undefined;
    if (!this.hasRoom) {
      let resolve = () => undefined as void;
      const promise = new Promise<void>((done) => (resolve = done));
      this.hasRoom = { promise, resolve };
    }
    return this.hasRoom.promise;
  }

  async digest(): Promise<string> {
    await this.room();
    if (this.failure) throw this.failure;
    if (!this.thread) return createHash(this.algorithm).update(this.gathered()).digest('hex');
    return new Promise((resolve, reject) => {
      this.result = { resolve, reject };
      this.send();
      this.thread?.send({ id: this.id, last: 'digest' });
    });
  }

  abandon(): void {
    this.thread?.send({ id: this.id, last: 'abandon' });
    this.leave();
  }

  /** The thread says so. */
  answered(hex: string | undefined): void {
    if (hex !== undefined) {
      this.leave();
      this.result?.resolve(hex);
      return;
    }
    const slot = this.sent.shift();
    if (slot) this.free.push(slot);
    while (this.waiting.length > 0 && this.slot()) this.take(this.waiting.shift() as Uint8Array);
    if (this.waiting.length === 0) this.tellOfRoom();
  }

  failed(error: Error): void {
    this.failure = error;
    this.thread = undefined;
    this.tellOfRoom();
    this.result?.reject(error);
  }

  private take(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      const slot = this.slot();
      if (!slot) return void this.waiting.unshift(rest);
      const part = rest.subarray(0, SLOT_BYTES - this.currentBytes);
      new Uint8Array(slot).set(part, this.currentBytes);
      this.currentBytes += part.length;
      if (this.currentBytes === SLOT_BYTES) this.send();
      rest = rest.subarray(part.length);
    }
  }

  /** The one that is filled. */
  private slot(): SharedArrayBuffer | undefined {
    if (this.current) return this.current;
    this.current = this.free.pop();
    if (!this.current && this.sent.length < SLOTS) this.current = new SharedArrayBuffer(SLOT_BYTES);
    return this.current;
  }

  private send(): void {
    if (!this.current || this.currentBytes === 0) return;
    if (!this.thread) {
      this.thread = HashThread.forOneMore();
      this.id = this.thread.begin(this, this.algorithm);
    }
    this.thread.send({ id: this.id, slot: this.current, sizeBytes: this.currentBytes });
    this.sent.push(this.current);
    this.current = undefined;
    this.currentBytes = 0;
  }

  private gathered(): Uint8Array {
    return this.current ? new Uint8Array(this.current, 0, this.currentBytes) : new Uint8Array(0);
  }

  private tellOfRoom(): void {
    this.hasRoom?.resolve();
    this.hasRoom = undefined;
  }

  private leave(): void {
    this.thread?.end(this.id);
    this.thread = undefined;
  }
}
