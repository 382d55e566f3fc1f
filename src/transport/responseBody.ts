import type { Readable } from 'node:stream';
import { ArrivingBytes } from '../oci/arrivingBytes';
import type { Alarm, Clock } from './clock';
import { drip, networkFailure, silence } from './networkFailure';

/** An answer that is read whole may take this many times the longest silence: some minutes for 4 MiB at most. */
const WHOLE_IN_SILENCES = 5;

/** Little: what waits here when a connection breaks may be lost to who continues. */
const ROOM_BYTES = 64 * 1024;

/** What a body is read under. `idleMs` is the longest silence while more is wanted. */
export interface ResponseBodyOptions {
  readonly host: string;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** An answer's body whose errors are NetworkError or the abort reason, and that does not wait for ever. */
export class ResponseBody extends ArrivingBytes {
  private alarm: Alarm | undefined;
  private deadline: Alarm | undefined;

  constructor(
    private readonly source: Readable,
    private readonly options: ResponseBodyOptions,
  ) {
    super({ roomBytes: ROOM_BYTES });
    source.pause();
    source.on('data', (chunk: Buffer) => this.accept(chunk));
    source.once('end', () => this.end());
    source.once('error', (error) => this.fail(networkFailure(options.host, error)));
    this.on('drain', () => this.listen());
    options.signal?.addEventListener('abort', this.abort, { once: true });
    if (options.signal?.aborted) this.abort();
  }

  /**
   * Bounds the time until the end, for an answer that is read whole: a server that sends a byte now and then is never
   * silent. A blob may be as slow as its line, and its reader sees how far it is.
   */
  limitTime(): void {
    const { clock, host, idleMs } = this.options;
    const mostMs = idleMs * WHOLE_IN_SILENCES;
    if (!this.destroyed) this.deadline ??= clock.alarm(mostMs, () => this.stop(drip(host, mostMs)));
  }

  override _read(): void {
    super._read();
    if (this.hasRoom) this.listen();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopAlarm();
    this.deadline?.cancel();
    this.options.signal?.removeEventListener('abort', this.abort);
    this.source.destroy();
    done(error);
  }

  private listen(): void {
    this.alarm ??= this.options.clock.alarm(this.options.idleMs, this.ring);
    this.source.resume();
  }

  private accept(chunk: Buffer): void {
    if (this.write(chunk)) {
      this.alarm?.refresh();
      return;
    }
    // A slow consumer is not a silent server.
    this.source.pause();
    this.stopAlarm();
  }

  private stopAlarm(): void {
    this.alarm?.cancel();
    this.alarm = undefined;
  }

  private stop(why: Error): void {
    this.stopAlarm();
    this.source.destroy();
    this.fail(why);
  }

  private readonly ring = (): void => this.stop(silence(this.options.host, this.options.idleMs));

  private readonly abort = (): void => this.stop(this.options.signal?.reason as Error);
}
