import { Readable } from 'node:stream';
import type { ContentSource, WaitOptions } from '../../oci/target';

const BUFFER_BYTES = 1024 * 1024;

/** A content that is open: what of a piece was not taken comes first. */
interface Opened {
  readonly stream: Readable;
  readonly pieces: AsyncIterator<Buffer>;
  left: Buffer;
  position: number;
}

/** Ranges of a content as streams. Those that follow each other are one reading; any other starts it again. */
export class ChunkReader {
  private opened: Opened | undefined;

  constructor(private readonly content: ContentSource) {}

  async open(firstByte: number, sizeBytes: number, options: WaitOptions = {}): Promise<Readable> {
    if (this.opened?.position !== firstByte) await this.openAt(firstByte, options);
    const { opened } = this;
    const bytes = opened ? taken(opened, sizeBytes) : [];
    return Readable.from(bytes, { objectMode: false, highWaterMark: BUFFER_BYTES });
  }

  close(): void {
    this.opened?.stream.destroy();
    this.opened = undefined;
  }

  private async openAt(firstByte: number, options: WaitOptions): Promise<void> {
    this.close();
    const stream = await this.content.open(options);
    const pieces = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    const opened = { stream, pieces, left: Buffer.alloc(0), position: 0 };
    this.opened = opened;
    const skipped = taken(opened, firstByte);
    while (!(await skipped.next()).done) options.signal?.throwIfAborted();
  }
}

async function* taken(opened: Opened, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let missing = sizeBytes; missing > 0;) {
    if (opened.left.length === 0) {
      const next = await opened.pieces.next();
      if (next.done) return;
      opened.left = next.value;
    }
    const piece = opened.left.subarray(0, missing);
    opened.left = opened.left.subarray(piece.length);
    opened.position += piece.length;
    missing -= piece.length;
    yield piece;
  }
}
