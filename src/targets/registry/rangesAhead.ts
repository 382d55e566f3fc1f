import type { Readable } from 'node:stream';
import type { ArrivingBytes } from '../../oci/arrivingBytes';
import { InvalidContentError, NetworkError } from '../../oci/errors';

/** The bytes `firstByte` to `lastByte` of a content; undefined where the server gives it only from its start. */
export type OpenRange = (firstByte: number, lastByte: number) => Promise<Readable | undefined>;

/** What comes over several connections: the bytes of a content from `firstByte` on. Times are in milliseconds. */
export interface RangesOptions {
  readonly firstByte: number;
  readonly sizeBytes: number;
  readonly openRange: OpenRange;
  readonly nowMs: () => number;
}

/** What one request brings, at the least and at the most: the way there and back counts, and memory does. */
const MIN_RANGE_BYTES = 1024 * 1024;
const MAX_RANGE_BYTES = 4 * 1024 * 1024;
const RANGES_IN_CONTENT = 450;
/** What came ahead of its turn is lost when the download ends before its time: this part of a large content at most. */
const AHEAD_IN_CONTENT = 100;
const MIN_AHEAD_BYTES = 9 * MIN_RANGE_BYTES;
const FIRST_LANES = 2;
const MAX_LANES = 8;
/** More connections are tried as long as each time this much more comes in a second. */
const WORTHWHILE_GAIN = 1.2;
const JUDGE_AFTER_MS = 500;
const MAX_RESUMES = 10;

/** A stretch of the content on its way. */
interface Range {
  readonly firstByte: number;
  readonly lastByte: number;
  readonly chunks: Buffer[];
  receivedBytes: number;
}

/**
 * Fetches a content in ranges, some ahead of the one that is written, and writes them in their order. The number of
 * connections grows while that helps. At most nine ranges of 4 MiB are in memory; those ahead wait while they have too much.
 */
export class RangesAhead {
  private readonly ranges: Range[] = [];
  private readonly opened = new Set<Readable>();
  private nextByte: number;
  private lanes = 0;
  private wantedLanes = FIRST_LANES;
  private resumes = 0;
  private stopped = false;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;
  /** What came of ranges behind the one that is written. */
  private aheadBytes = 0;
  private goOn: () => void = () => undefined;
  private waiting: Promise<void> | undefined;
  private readonly rangeBytes: number;
  private readonly maxAheadBytes: number;

  constructor(private readonly options: RangesOptions) {
    this.nextByte = options.firstByte;
    const fitting = Math.floor(options.sizeBytes / RANGES_IN_CONTENT);
    this.rangeBytes = Math.min(MAX_RANGE_BYTES, Math.max(MIN_RANGE_BYTES, fitting));
    this.maxAheadBytes = Math.max(MIN_AHEAD_BYTES, Math.floor(options.sizeBytes / AHEAD_IN_CONTENT));
  }

  /** True when the server gives ranges; the first is then on its way. Errors: those of `openRange`. */
  async start(): Promise<boolean> {
    const range = this.plan();
    if (!range) return false;
    const stream = await this.options.openRange(range.firstByte, range.lastByte);
    if (!stream) return false;
    this.run(range, stream);
    return true;
  }

  /** Writes all that is left to `sink`, and ends it or fails it. A sink that is destroyed ends the fetching. */
  async writeTo(sink: ArrivingBytes): Promise<void> {
    sink.once('close', () => this.stop());
    sink.on('drain', () => this.wake());
    this.fillLanes();
    const pace = new Pace(this.options.nowMs);
    while (!sink.destroyed) {
      const range = this.ranges[0];
      if (!range && !this.failure) return sink.end();
      const chunk = sink.hasRoom ? range?.chunks.shift() : undefined;
      if (chunk) {
        if (pace.isMuchBetterWith(chunk.length, this.wantedLanes)) this.grow();
        sink.write(chunk);
      } else if (!sink.hasRoom) await this.woken();
      else if (range && isWhole(range)) {
        this.takeNext();
      } else if (this.failure) return sink.fail(this.failure);
      else await this.woken();
    }
  }

  stop(): void {
    this.stopped = true;
    for (const stream of this.opened) stream.destroy();
    this.goOn();
    this.wake();
  }

  /** What came of the next range is ahead no more. */
  private takeNext(): void {
    this.ranges.shift();
    this.aheadBytes -= this.ranges[0]?.receivedBytes ?? 0;
    this.goOn();
    this.fillLanes();
  }

  /** Until the range is the one that is written, or less came ahead of it. */
  private async turnOf(range: Range): Promise<void> {
    while (!this.stopped && range !== this.ranges[0] && this.aheadBytes >= this.maxAheadBytes)
      await (this.waiting ??= new Promise((resolve) => {
        this.goOn = () => {
          this.waiting = undefined;
          resolve();
        };
      }));
  }

  private grow(): void {
    this.wantedLanes = Math.min(MAX_LANES, this.wantedLanes * 2);
    this.fillLanes();
  }

  private fillLanes(): void {
    while (
      !this.stopped &&
      !this.failure &&
      this.lanes < this.wantedLanes &&
      this.ranges.length <= this.wantedLanes
    ) {
      const range = this.plan();
      if (!range) return;
      this.run(range);
    }
  }

  private plan(): Range | undefined {
    const { sizeBytes } = this.options;
    if (this.nextByte >= sizeBytes) return undefined;
    const firstByte = this.nextByte;
    const lastByte = Math.min(sizeBytes, firstByte + this.rangeBytes) - 1;
    const range = { firstByte, lastByte, chunks: [], receivedBytes: 0 };
    this.nextByte = lastByte + 1;
    this.ranges.push(range);
    return range;
  }

  private run(range: Range, stream?: Readable): void {
    this.lanes++;
    void this.receive(range, stream)
      .catch((error: unknown) => (this.failure ??= error instanceof Error ? error : new Error(String(error))))
      .finally(() => {
        this.lanes--;
        this.fillLanes();
        this.wake();
      });
  }

  /** A connection that breaks is taken up where it ended. */
  private async receive(range: Range, opened?: Readable): Promise<void> {
    let stream = opened;
    while (!this.stopped && !isWhole(range)) {
      stream ??= await this.options.openRange(range.firstByte + range.receivedBytes, range.lastByte);
      const failure = await this.collect(range, stream);
      // A server that has had enough of so many is asked by one alone.
      if (!stream) this.wantedLanes = 1;
      stream = undefined;
      if (failure && !(failure instanceof NetworkError)) throw failure;
      if (!isWhole(range) && ++this.resumes > MAX_RESUMES)
        throw failure ?? cutShort('the server stopped giving parts of it');
    }
  }

  /** Resolves with what ended the stream before the range was whole, if it said so. */
  private async collect(range: Range, stream: Readable | undefined): Promise<Error | undefined> {
    if (!stream) return undefined;
    this.opened.add(stream);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const missingBytes = range.lastByte + 1 - range.firstByte - range.receivedBytes;
        // A server that gives more than it was asked for. What was asked for is read to its end, for the connection's sake.
        if (missingBytes === 0) break;
        const part = chunk.length > missingBytes ? chunk.subarray(0, missingBytes) : chunk;
        range.receivedBytes += part.length;
        range.chunks.push(part);
        if (range === this.ranges[0]) this.wake();
        else this.aheadBytes += part.length;
        if (part.length < missingBytes) await this.turnOf(range);
      }
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.opened.delete(stream);
      stream.destroy();
    }
  }

  private woken(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}

function isWhole({ firstByte, lastByte, receivedBytes }: Range): boolean {
  return receivedBytes === lastByte + 1 - firstByte;
}

function cutShort(reason: string): InvalidContentError {
  return new InvalidContentError('The content', reason);
}

/** Judges twice a second whether the last change of the number of connections was worth it. */
class Pace {
  private sinceMs: number;
  private bytes = 0;
  private lanes = 0;
  private bestPerMs = 0;
  private isSettled = false;

  constructor(private readonly nowMs: () => number) {
    this.sinceMs = nowMs();
  }

  /** True when as many connections brought so much more than fewer did that still more are worth a try. */
  isMuchBetterWith(bytes: number, lanes: number): boolean {
    this.bytes += bytes;
    const elapsedMs = this.nowMs() - this.sinceMs;
    if (this.isSettled || elapsedMs < JUDGE_AFTER_MS) return false;
    const perMs = this.bytes / elapsedMs;
    const isBetter = perMs > this.bestPerMs * WORTHWHILE_GAIN && lanes > this.lanes;
    this.isSettled = !isBetter;
    this.sinceMs = this.nowMs();
    this.bytes = 0;
    this.lanes = lanes;
    this.bestPerMs = Math.max(perMs, this.bestPerMs);
    return isBetter;
  }
}
