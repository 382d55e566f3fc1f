import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { lookAhead } from './lookAhead';

/** Input is cut at these distances whatever the pace, so that the output depends on the input alone. */
const BLOCK_BYTES = 1024 * 1024;
/** How far back deflate can refer. */
const WINDOW_BYTES = 32 * 1024;
/** As many as libuv's thread pool has threads by default. */
const BLOCKS_AT_ONCE = 4;

/** Deflate, no name, no time, no level hint, system 255 (not known). Spec: RFC 1952, section 2.3. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
/** A last, empty block with fixed codes. Spec: RFC 1951, section 3.2.6. */
const LAST_BLOCK = Buffer.from([3, 0]);

const deflateBlock = promisify(
  (input: Buffer, dictionary: Buffer | undefined, done: (error: Error | null, output: Buffer) => void) =>
    deflateRaw(
      input,
      {
        finishFlush: constants.Z_SYNC_FLUSH,
        chunkSize: BLOCK_BYTES + BLOCK_BYTES / 8,
        ...(dictionary && { dictionary }),
      },
      done,
    ),
);

/**
 * Compresses to one gzip member, blocks side by side on the thread pool; the same input gives the same bytes with the
 * same zlib. Spec: RFC 1952.
 */
export async function* gzipBlocks(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let checksum = 0;
  let sizeBytes = 0;
  let window: Buffer | undefined;
  const compress = (block: Buffer) => {
    checksum = crc32(block, checksum);
    sizeBytes += block.length;
    const before = window;
    window = block.subarray(-WINDOW_BYTES);
    return deflateBlock(block, before);
  };
  yield HEADER;
  yield* lookAhead(blocksOf(source), BLOCKS_AT_ONCE, compress);
  yield Buffer.concat([LAST_BLOCK, trailer(checksum, sizeBytes)]);
}

function trailer(checksum: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(checksum >>> 0, 0);
  bytes.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  return bytes;
}

async function* blocksOf(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let filled = 0;
  for await (const chunk of source) {
    for (let taken = 0; taken < chunk.length;) {
      const copied = chunk.copy(block, filled, taken);
      taken += copied;
      filled += copied;
      if (filled < BLOCK_BYTES) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
