import type { Hash } from 'node:crypto';
import type * as Crypto from 'node:crypto';
import { availableParallelism } from 'node:os';
import type * as Os from 'node:os';
import { Worker } from 'node:worker_threads';
import type * as Threads from 'node:worker_threads';

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

/** Who has bytes hashed. */
export interface HashUser {
  /** The oldest slot was read; with `hex`, all were, and this is the digest. */
  answered(hex: string | undefined): void;
  /** The thread has ended, and what it was at is lost. */
  failed(error: Error): void;
}

/**
 * Runs in the thread, from its text: it sees nothing but what it is given. It leaves the cores to whoever answers a person
 * first. Linux alone gives a thread a priority of its own; elsewhere that would be the process's.
 */
function serveHashes({ parentPort }: typeof Threads, crypto: typeof Crypto, os: typeof Os): void {
  try {
    if (process.platform === 'linux') os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where that is not permitted, it is a thread like any other.
  }
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
export class HashThread {
  private static readonly all = new Set<HashThread>();
  private static lastId = 0;

  private readonly worker: Worker;
  private readonly users = new Map<number, HashUser>();
  private idle: NodeJS.Timeout | undefined;

  /** The least busy one, or one more. */
  static forOneMore(): HashThread {
    const [best] = [...HashThread.all].sort((one, other) => one.users.size - other.users.size);
    const isFree = best && (best.users.size === 0 || HashThread.all.size >= MAX_THREADS);
    return isFree ? best : new HashThread();
  }

  private constructor() {
    const modules = ['worker_threads', 'crypto', 'os'].map((name) => `require('node:${name}')`);
    const program = `(${serveHashes.toString()})(${modules.join()})`;
    this.worker = new Worker(program, { eval: true, execArgv: [], env: {} });
    this.worker.on('message', ({ id, hex }: Answer) => this.users.get(id)?.answered(hex));
    this.worker.once('error', (error) => this.failed(error));
    this.worker.once('exit', () => this.failed(new Error('The thread that computes digests has ended.')));
    HashThread.all.add(this);
  }

  begin(user: HashUser, algorithm: string): number {
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
