import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { InvalidContentError, UnsupportedError } from '../../oci/errors';
import { compressionOf, MAGIC_BYTES } from './compressionOf';
import { FedInput } from './fedInput';
import { zstdFrames } from './zstdFrames';

const OUTPUT_CHUNK_BYTES = 256 * 1024;
/** Each piece goes to the thread pool and back. */
const INPUT_CHUNK_BYTES = 1024 * 1024;

/** Counts the bytes of its input that it took. */
type Expander = Transform & { readonly bytesWritten: number };

/** What Node has since 22.15, and with it every VS Code that this extension runs in; the types are those of Node 20. */
interface ZstdModule {
  readonly createZstdDecompress?: (options: { readonly chunkSize: number }) => Expander;
}

/**
 * The bytes of a stream without their compression, known by its first bytes whatever the media type says: gzip, zstd
 * (with windows of at most 128 MiB, zstd's own bound), or none; all members and frames of it. Reads the source to its
 * end. Errors: InvalidContentError for a compression that is not intact, or has more than zeros behind its end;
 * UnsupportedError for zstd where Node lacks it, and for another compression.
 */
export async function* decompressed(source: AsyncGenerator<Buffer>, what: string): AsyncGenerator<Buffer> {
  const head = await headOf(source, MAGIC_BYTES);
  const whole = joined(head, source);
  const format = compressionOf(head);
  if (format === undefined) yield* whole;
  else if (format === 'gzip')
    yield* through(zlib.createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES }), gathered(whole), { what, format });
  else if (format === 'zstd')
    yield* through(zstdDecompressor(what), zstdFrames(gathered(whole), what), { what, format });
  else throw new UnsupportedError(`${format} compression`, what);
}

function zstdDecompressor(what: string): Expander {
  const { createZstdDecompress } = zlib as ZstdModule;
  if (!createZstdDecompress) throw new UnsupportedError('zstd compression', what);
  return createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES });
}

interface Format {
  readonly what: string;
  readonly format: string;
}

async function* through(
  expander: Expander,
  source: AsyncGenerator<Buffer>,
  { what, format }: Format,
): AsyncGenerator<Buffer> {
  const input = new FedInput(source, () => expander.bytesWritten);
  const feeding = pipeline(Readable.from(input.chunks(), { highWaterMark: 1 }), expander);
  // What goes wrong in feeding is the expander's error as well, and is thrown from there.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of expander) yield chunk as Buffer;
    if (!(await input.isAtEnd()))
      throw new InvalidContentError(what, `it is not intact ${format}: it goes on behind its end`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(?:Z_|ZSTD_|ERR_ZSTD)/.test(String(error.code)))
      throw new InvalidContentError(what, `it is not intact ${format}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    input.close();
  }
}

/** The same bytes in fewer, larger pieces. */
async function* gathered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let gatheredBytes = 0;
  for await (const piece of source) {
    pieces.push(piece);
    gatheredBytes += piece.length;
    if (gatheredBytes < INPUT_CHUNK_BYTES) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    gatheredBytes = 0;
  }
  if (gatheredBytes > 0) yield Buffer.concat(pieces);
}

async function headOf(source: AsyncGenerator<Buffer>, sizeBytes: number): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < sizeBytes) {
    const step = await source.next();
    if (step.done) break;
    head = Buffer.concat([head, step.value]);
  }
  return head;
}

async function* joined(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}
