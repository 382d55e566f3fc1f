import { InvalidContentError } from '../../oci/errors';

const FRAME_MAGIC = 0xfd2fb528;
/** The lowest four bits of a skippable frame's magic number are free. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** By the two bits of the descriptor that tell it, in bytes. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
/** How many bytes, and how many pieces, are handed on at once. */
const MOST_BYTES = 1024 * 1024;
const MOST_PIECES = 4096;

/** The next bytes of the stream: a header is read whole, a body is handed on as it comes, a skipped one is left out. */
interface Part {
  readonly kind: 'header' | 'body' | 'skipped';
  readonly sizeBytes: number;
  /** Takes a header's bytes, and says what follows. */
  readonly then: (bytes: Buffer) => Part;
}

/** True for the first bytes of a zstd stream: those of a frame, or of a skippable one. */
export function isZstd(head: Buffer): boolean {
  if (head.length < MAGIC_BYTES) return false;
  const magic = head.readUInt32LE(0);
  return magic === FRAME_MAGIC || isSkippable(magic);
}

/**
 * The frames of a zstd stream without the skippable ones, in pieces that never reach over the end of a frame: Node's
 * decoder stops there and drops the rest of its input (nodejs/node#64741), but takes the next frame where a piece
 * starts with it. Errors: InvalidContentError for a stream that ends inside a frame, and where bytes behind a frame
 * start no other. Spec: RFC 8878, section 3.1.
 */
export async function* zstdFrames(source: AsyncIterable<Buffer>, what: string): AsyncGenerator<Buffer> {
  const splitter = new FrameSplitter(what);
  for await (const chunk of source) yield* splitter.split(chunk);
  splitter.end();
}

/** Cuts chunks where frames end, without waiting: a stream may have a frame for each few bytes. */
class FrameSplitter {
  private readonly start: Part = {
    kind: 'header',
    sizeBytes: MAGIC_BYTES,
    then: (magic) => this.frame(magic),
  };
  private part = this.start;
  private missingBytes = MAGIC_BYTES;
  private header: Buffer[] = [];
  private pieces: Buffer[] = [];
  private gatheredBytes = 0;
  private hasChecksum = false;

  constructor(private readonly what: string) {}

  *split(chunk: Buffer): Generator<Buffer> {
    for (let at = 0; at < chunk.length;) {
      const bytes = chunk.subarray(at, at + this.missingBytes);
      at += bytes.length;
      this.missingBytes -= bytes.length;
      if (this.part.kind === 'header') this.header.push(bytes);
      if (this.part.kind === 'body') this.gather(bytes);
      while (this.missingBytes === 0) this.goOn();
      const isFull = this.gatheredBytes >= MOST_BYTES || this.pieces.length >= MOST_PIECES;
      if (isFull || (this.part === this.start && this.gatheredBytes > 0)) yield this.gathered();
    }
  }

  /** Errors: InvalidContentError when a frame is open. */
  end(): void {
    if (this.part !== this.start || this.header.length > 0) throw this.broken('it ends inside a frame');
  }

  private goOn(): void {
    const header = Buffer.concat(this.header);
    this.header = [];
    this.part = this.part.then(header);
    this.missingBytes = this.part.sizeBytes;
  }

  private frame(bytes: Buffer): Part {
    const magic = bytes.readUInt32LE(0);
    if (isSkippable(magic)) return this.headerOf(4, (size) => this.skipped(size.readUInt32LE(0)));
    if (magic !== FRAME_MAGIC) throw this.broken('no frame starts behind the end of a frame');
    this.gather(bytes);
    return this.headerOf(1, (descriptor) => this.frameHeader(descriptor));
  }

  /** The descriptor tells which members follow: window, dictionary and content size are the decoder's to read. */
  private frameHeader(descriptor: Buffer): Part {
    this.gather(descriptor);
    const bits = descriptor[0] ?? 0;
    const isSingleSegment = (bits & 0b10_0000) !== 0;
    this.hasChecksum = (bits & 0b100) !== 0;
    const contentSizeBytes = CONTENT_SIZE_BYTES[(bits >> 6) as 0] || Number(isSingleSegment);
    const sizeBytes = Number(!isSingleSegment) + DICTIONARY_ID_BYTES[(bits & 0b11) as 0] + contentSizeBytes;
    return this.body(sizeBytes, () => this.block());
  }

  private block(): Part {
    return this.headerOf(BLOCK_HEADER_BYTES, (header) => {
      this.gather(header);
      const bits = header.readUIntLE(0, BLOCK_HEADER_BYTES);
      const type = (bits >> 1) & 0b11;
      if (type === RESERVED_BLOCK) throw this.broken('a block is of no known type');
      const isLast = (bits & 1) === 1;
      return this.body(type === RLE_BLOCK ? 1 : bits >> 3, () => (isLast ? this.checksum() : this.block()));
    });
  }

  private checksum(): Part {
    return this.body(this.hasChecksum ? CHECKSUM_BYTES : 0, () => this.start);
  }

  private headerOf(sizeBytes: number, then: (bytes: Buffer) => Part): Part {
    return { kind: 'header', sizeBytes, then };
  }

  private body(sizeBytes: number, then: () => Part): Part {
    return { kind: 'body', sizeBytes, then };
  }

  private skipped(sizeBytes: number): Part {
    return { kind: 'skipped', sizeBytes, then: () => this.start };
  }

  private gather(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.gatheredBytes += bytes.length;
  }

  private gathered(): Buffer {
    const bytes = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    this.pieces = [];
    this.gatheredBytes = 0;
    return bytes;
  }

  private broken(reason: string): InvalidContentError {
    return new InvalidContentError(this.what, `it is not intact zstd: ${reason}`);
  }
}

function isSkippable(magic: number): boolean {
  return (magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC;
}
