import type { Readable } from 'node:stream';
import type { ArrivingBytes } from '../../oci/arrivingBytes';
import { NetworkError } from '../../oci/errors';
import { LinePace } from './linePace';
import { RangesAhead, type OpenRange } from './rangesAhead';

const MAX_RESUMES = 10;
/** Each silence costs a whole timeout. */
const MAX_SILENCES = 3;

/** What is sooner there stays on one connection. */
const MIN_REST_BYTES = 32 * 1024 * 1024;
/** The first connection goes on this far while the others open. */
const HEAD_START_BYTES = 4 * 1024 * 1024;

/** A content of `sizeBytes` whose rest can be opened from any byte on. */
export interface ResumableContent {
  readonly sizeBytes: number;
  /** The first byte of what is piped. */
  readonly firstByte?: number;
  /** From a byte up to another, or to the end; undefined when the server gives it only from its start. */
  readonly open: (firstByte: number, lastByte?: number) => Promise<Readable | undefined>;
  readonly nowMs?: () => number;
}

/**
 * Pipes `first` into `sink` and, when the connection breaks, goes on behind the last byte that came. A long content on a
 * slow connection goes on over several, where the server gives ranges. Ends or fails `sink`; a `sink` that is
 * destroyed ends the download. What could not be resumed is the sink's error, behind all that came.
 */
export function resumingPipe(first: Readable, sink: ArrivingBytes, content: ResumableContent): void {
  new ResumingPipe(sink, content).attach(first);
}

class ResumingPipe {
  private current: Readable | undefined;
  /** The next byte of the content. */
  private nextByte: number;
  private resumes = 0;
  private silences = 0;
  /** Where other connections take over. */
  private stopAt = Infinity;
  private ranges: RangesAhead | undefined;
  private readonly pace: LinePace;
  private triedRanges = false;

  constructor(
    private readonly sink: ArrivingBytes,
    private readonly content: ResumableContent,
  ) {
    this.nextByte = content.firstByte ?? 0;
    this.pace = new LinePace(() => this.nowMs());
    sink.on('drain', () => this.goOn());
    sink.once('close', () => {
      this.current?.destroy();
      this.ranges?.stop();
    });
  }

  attach(body: Readable): void {
    this.current = body;
    if (this.sink.destroyed) return void body.destroy();
    body.on('data', (chunk: Buffer) => this.accept(body, chunk));
    body.once('end', () => this.current === body && this.sink.end());
    body.on('error', (error) => {
      if (this.current === body) void this.resume(error);
    });
  }

  private accept(body: Readable, chunk: Buffer): void {
    if (this.current !== body) return;
    const roomBytes = this.stopAt - this.nextByte;
    const part = chunk.length > roomBytes ? chunk.subarray(0, roomBytes) : chunk;
    this.nextByte += part.length;
    if (!this.sink.write(part)) this.holdBack(body);
    if (this.nextByte === this.stopAt) this.handOver();
    else if (this.pace.isSlowWith(part.length)) this.spread();
  }

  private holdBack(body: Readable): void {
    this.pace.holdBack();
    body.pause();
  }

  private goOn(): void {
    this.pace.goOn();
    this.current?.resume();
  }

  private handOver(): void {
    this.current?.destroy();
    this.current = undefined;
    void this.ranges?.writeTo(this.sink);
  }

  private spread(): void {
    const restBytes = this.content.sizeBytes - this.nextByte;
    if (!this.triedRanges && restBytes > MIN_REST_BYTES) void this.startRanges();
  }

  /** A server that gives no ranges, or fails to, goes on as it does. */
  private async startRanges(): Promise<void> {
    this.triedRanges = true;
    const firstByte = this.nextByte + HEAD_START_BYTES;
    const { sizeBytes, open } = this.content;
    const openRange: OpenRange = (from, to) => open(from, to);
    const ranges = new RangesAhead({ firstByte, sizeBytes, openRange, nowMs: () => this.nowMs() });
    const hasStarted = await ranges.start().catch(() => false);
    if (!hasStarted || this.sink.destroyed || this.nextByte >= firstByte) return ranges.stop();
    this.ranges = ranges;
    this.stopAt = firstByte;
  }

  private isEnough({ causeCode }: NetworkError): boolean {
    if (causeCode === 'ETIMEDOUT') this.silences++;
    return ++this.resumes > MAX_RESUMES || this.silences > MAX_SILENCES;
  }

  private async resume(failure: Error): Promise<void> {
    if (this.sink.destroyed) return;
    if (!(failure instanceof NetworkError) || this.isEnough(failure)) return this.sink.fail(failure);
    try {
      const rest = await this.content.open(this.nextByte);
      if (rest) this.attach(rest);
      else this.sink.fail(failure);
    } catch (error) {
      this.sink.fail(error instanceof Error ? error : failure);
    }
  }

  private nowMs(): number {
    return (this.content.nowMs ?? (() => performance.now()))();
  }
}
