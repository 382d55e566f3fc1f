import { Readable } from 'node:stream';
import type { ContentCheck } from './digest';

const ROOM_BYTES = 1024 * 1024;

/** `check` is told of all that comes. `roomBytes` is how much may wait to be read. */
export interface ArrivingBytesOptions {
  readonly check?: ContentCheck;
  readonly roomBytes?: number;
}

/**
 * Bytes that somebody writes as they come, as a stream to read: in the pieces they came in, uncopied. What came before a
 * failure is read before the failure is. Emits `drain` when there is room again. Errors: what `fail` was told; those of
 * the check, at once.
 */
export class ArrivingBytes extends Readable {
  private readonly waiting: Buffer[] = [];
  /** The piece that was given to the stream and nobody has read yet. */
  private unread: Buffer | undefined;
  private waitingBytes = 0;
  private ending: { readonly failure?: Error } | undefined;
  /** The last byte came, and the check is not through. */
  private isChecking = false;
  private isWanted = false;
  private isFull = false;
  private readonly check: ContentCheck | undefined;
  private readonly roomBytes: number;

  constructor({ check, roomBytes = ROOM_BYTES }: ArrivingBytesOptions = {}) {
    // One piece at a time is given to the stream: of several in its buffer, reading would make one by copying.
    super({ highWaterMark: 1 });
    this.check = check;
    this.roomBytes = roomBytes;
  }

  /** False when that is enough until `drain`. */
  write(chunk: Buffer): boolean {
    if (this.ending || this.isChecking || this.destroyed) return false;
    if (!this.isFine(chunk)) return false;
    this.waiting.push(chunk);
    this.waitingBytes += chunk.length;
    this.isFull ||= this.waitingBytes > this.roomBytes;
    this.waitForCheck();
    if (this.isWanted) this.handOut();
    return this.hasRoom;
  }

  /** That was all. */
  end(): void {
    if (this.ending || this.isChecking) return;
    if (!this.check) return this.ended();
    this.isChecking = true;
    this.check.finish().then(
      () => this.ended(),
      (error: unknown) => this.destroy(error as Error),
    );
  }

  /** No more will come, and why. */
  fail(failure: Error): void {
    if (this.isChecking) return;
    this.ending ??= { failure };
    this.failOnceRead();
  }

  get hasRoom(): boolean {
    return !this.isFull;
  }

  /** What came and was not read, for who has stopped reading and wants to keep it. */
  takeUnread(): readonly Buffer[] {
    const left = [...(this.unread ? [this.unread] : []), ...this.waiting.splice(0)];
    this.unread = undefined;
    this.waitingBytes = 0;
    return left;
  }

  override read(sizeBytes?: number): Buffer | null {
    const chunk = super.read(sizeBytes) as Buffer | null;
    if (chunk) this.unread = undefined;
    if (this.isWanted) this.handOut();
    this.failOnceRead();
    return chunk;
  }

  override _read(): void {
    this.isWanted = true;
    this.handOut();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.check?.abandon();
    done(error);
  }

  private ended(): void {
    this.ending = {};
    if (this.isWanted) this.handOut();
  }

  private handOut(): void {
    // Asked while a piece is being read; `read` comes here again behind it.
    if (this.readableLength > 0) return;
    const chunk = this.waiting.shift();
    if (chunk) {
      this.isWanted = false;
      this.waitingBytes -= chunk.length;
      this.push(chunk);
      if (this.readableLength > 0) this.unread = chunk;
      this.tellOfRoom();
    } else if (this.ending && !this.ending.failure) {
      this.push(null);
    }
  }

  /** Not in `_read`, which comes before what is read is given out: a stream that failed gives out nothing. */
  private failOnceRead(): void {
    const failure = this.ending?.failure;
    if (failure && this.waiting.length === 0 && this.readableLength === 0) this.destroy(failure);
  }

  private tellOfRoom(): void {
    if (!this.isFull || this.check?.room() || this.waitingBytes > this.roomBytes / 2) return;
    this.isFull = false;
    this.emit('drain');
  }

  /** A check that does not keep up lets nothing more come. */
  private waitForCheck(): void {
    const room = this.check?.room();
    if (!room) return;
    this.isFull = true;
    void room.then(() => this.tellOfRoom());
  }

  private isFine(chunk: Buffer): boolean {
    try {
      this.check?.add(chunk);
      return true;
    } catch (error) {
      this.destroy(error as Error);
      return false;
    }
  }
}
