import { InvalidContentError } from '../../oci/errors';

/** A source that can pass over bytes without reading them; false when it does not have so many. */
export interface SkippableSource extends AsyncIterable<Buffer> {
  readonly skip?: (sizeBytes: number) => boolean;
}

/** Reads counted bytes from a stream of chunks, and one counted body at a time. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private ready: Buffer = Buffer.alloc(0);
  private openBytes = 0;
  private passedBytes = 0;

  constructor(
    private readonly source: SkippableSource,
    private readonly what: string,
  ) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** How far it is in the source, in bytes. */
  get position(): number {
    return this.passedBytes;
  }

  /** Exactly so many bytes; undefined when the source is at its end. Errors: InvalidContentError when it ends midway. */
  async take(sizeBytes: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (let missing = sizeBytes; missing > 0;) {
      const part = await this.next(missing);
      if (!part && parts.length === 0) return undefined;
      if (!part) throw this.cutShort();
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }

  /** Exactly so many bytes. Errors: InvalidContentError when the source ends before them. */
  async need(sizeBytes: number): Promise<Buffer> {
    const bytes = await this.take(sizeBytes);
    if (!bytes) throw this.cutShort();
    return bytes;
  }

  /** Starts a body of so many bytes, for `opened` and `skipOpened`. */
  open(sizeBytes: number): void {
    this.openBytes = sizeBytes;
  }

  /** How many bytes of the body are left. */
  get leftOpen(): number {
    return this.openBytes;
  }

  /** Exactly so many bytes of the body. Errors: InvalidContentError when it has fewer. */
  async needOpened(sizeBytes: number): Promise<Buffer> {
    if (sizeBytes > this.openBytes) throw this.cutShort();
    const bytes = await this.need(sizeBytes);
    this.openBytes -= sizeBytes;
    return bytes;
  }

  /** What is left of the body. Errors: InvalidContentError when the source ends before it. */
  async *opened(): AsyncGenerator<Buffer> {
    while (this.openBytes > 0) {
      const part = await this.next(this.openBytes);
      if (!part) throw this.cutShort();
      this.openBytes -= part.length;
      yield part;
    }
  }

  /** Passes over what is left of the body and its padding. Errors: InvalidContentError when the source ends before. */
  async skipOpened(paddingBytes: number): Promise<void> {
    this.openBytes += paddingBytes;
    if (this.source.skip && this.openBytes > this.ready.length) return this.skipUnread(this.source.skip);
    for (let missing = this.openBytes; missing > 0; missing = this.openBytes) {
      const part = await this.next(missing);
      if (!part) throw this.cutShort();
      this.openBytes -= part.length;
    }
  }

  private skipUnread(skip: (sizeBytes: number) => boolean): void {
    if (!skip(this.openBytes - this.ready.length)) throw this.cutShort();
    this.passedBytes += this.openBytes;
    this.ready = Buffer.alloc(0);
    this.openBytes = 0;
  }

  /** Reads the source to its end and keeps nothing. */
  async drain(): Promise<void> {
    while (!(await this.chunks.next()).done) this.ready = Buffer.alloc(0);
  }

  /** Lets the source go before its end. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async next(mostBytes: number): Promise<Buffer | undefined> {
    while (this.ready.length === 0) {
      const step = await this.chunks.next();
      if (step.done) return undefined;
      this.ready = step.value;
    }
    const part = this.ready.subarray(0, mostBytes);
    this.ready = this.ready.subarray(part.length);
    this.passedBytes += part.length;
    return part;
  }

  private cutShort(): InvalidContentError {
    return new InvalidContentError(this.what, 'it ends in the middle of an entry');
  }
}
