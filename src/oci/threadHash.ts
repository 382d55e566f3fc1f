import { createHash } from 'node:crypto';
import type { ContentHash } from './contentHash';
import { HashThread, type HashUser } from './hashThread';

/** Bytes are handed over in memory that both threads see, so many pieces of this size for each hash. */
const SLOT_BYTES = 1024 * 1024;
const SLOTS = 3;

/** Hashes in another thread. What is through before the first piece is full never goes there. */
export class ThreadHash implements ContentHash, HashUser {
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
