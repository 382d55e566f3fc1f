import { Readable } from 'node:stream';
import type { Alarm, Clock } from './clock';
import { networkFailure, silence } from './networkFailure';

const BUFFER_BYTES = 1024 * 1024;

/** What a body is read under. `idleMs` is the longest silence while more is wanted. */
export interface ResponseBodyOptions {
  readonly host: string;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** An answer's body whose errors are NetworkError or the abort reason, and that does not wait for ever. */
export class ResponseBody extends Readable {
  private alarm: Alarm | undefined;

  constructor(
    private readonly source: Readable,
    private readonly options: ResponseBodyOptions,
  ) {
    super({ highWaterMark: BUFFER_BYTES });
    source.pause();
    source.on('data', (chunk: Buffer) => this.accept(chunk));
    source.once('end', () => this.push(null));
    source.once('error', (error) => this.destroy(networkFailure(options.host, error)));
    options.signal?.addEventListener('abort', this.abort, { once: true });
    if (options.signal?.aborted) this.abort();
  }

  override _read(): void {
    this.alarm ??= this.options.clock.alarm(this.options.idleMs, this.ring);
    this.source.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopAlarm();
    this.options.signal?.removeEventListener('abort', this.abort);
    this.source.destroy();
    done(error);
  }

  private accept(chunk: Buffer): void {
    if (this.push(chunk)) {
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

  private readonly ring = (): void => {
    this.destroy(silence(this.options.host, this.options.idleMs));
  };

  private readonly abort = (): void => {
    this.destroy(this.options.signal?.reason as Error);
  };
}
