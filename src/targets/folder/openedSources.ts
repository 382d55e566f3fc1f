import type { Readable } from 'node:stream';
import { ArrivingBytes } from '../../oci/arrivingBytes';
import type { StageOptions } from '../../oci/target';
import type { BlobContent } from './partialBlob';

/** The streams that one layer comes through: an abort ends them, and `close` does when the layer is through. */
export class OpenedSources {
  private readonly opened: Readable[] = [];
  private readonly signal: AbortSignal | undefined;
  readonly content: BlobContent;

  constructor(open: () => Promise<Readable>, { signal, openFrom }: StageOptions) {
    this.signal = signal;
    this.content = {
      open: () => this.watched(open()),
      ...(openFrom && { openFrom: (firstByte) => this.watched(openFrom(firstByte)) }),
    };
    signal?.addEventListener('abort', this.stop, { once: true });
  }

  close(): void {
    this.signal?.removeEventListener('abort', this.stop);
    for (const source of this.opened) source.destroy();
  }

  private async watched<T extends Readable | undefined>(opening: Promise<T>): Promise<T> {
    const source = await opening;
    if (!source) return source;
    // A short stream can fail before it is read from; the reading then throws that failure.
    source.on('error', () => undefined);
    this.opened.push(source);
    if (this.signal?.aborted) this.stop();
    this.signal?.throwIfAborted();
    return source;
  }

  private readonly stop = (): void => {
    const reason: unknown = this.signal?.reason;
    const failure = reason instanceof Error ? reason : new Error(String(reason));
    // Those end by the same signal, behind all that came: it need not come again.
    for (const source of this.opened) if (!(source instanceof ArrivingBytes)) source.destroy(failure);
  };
}
