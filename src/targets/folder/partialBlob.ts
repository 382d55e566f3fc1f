import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { ArrivingBytes } from '../../oci/arrivingBytes';
import type { Descriptor } from '../../oci/descriptor';
import { ContentCheck } from '../../oci/digest';
import { ContentMismatchError } from '../../oci/errors';
import type { StageOptions } from '../../oci/target';
import { BlockWriter, MAX_BLOCK_BYTES } from './blockWriter';
import { ifExists, onDisk } from './fileError';

/** A file that a blob is received into. What a try left in it is where the next one goes on. */
export interface PartialBlob {
  readonly path: string;
  readonly descriptor: Descriptor;
  /** Permissions of the file; the system's default without. */
  readonly mode?: number | undefined;
  /** Nothing of it can be there yet: that need not be looked for. */
  readonly isNew?: boolean;
}

/** Where a blob comes from: whole and verified, or its rest. */
export interface BlobContent extends Pick<StageOptions, 'openFrom'> {
  readonly open: () => Promise<Readable>;
}

/** What is lost when a process is killed is at most two blocks: under half a percent of the blob. */
const BLOCKS_IN_BLOB = 512;
const MIN_BLOCK_BYTES = 64 * 1024;
const READ_BYTES = 1024 * 1024;

/**
 * Takes a blob in, with `receive`, until it is whole and verified. Kept bytes that turn out to be wrong are thrown
 * away and the blob is fetched once more; wrong bytes are never left behind. Errors: those of `receive`.
 */
export async function receiveWhole<T>(blob: PartialBlob, receive: () => Promise<T>): Promise<T> {
  const hadBytes = (await keptIn(blob)) > 0;
  try {
    return await receive();
  } catch (error) {
    if (!(error instanceof ContentMismatchError)) throw error;
    await remove(blob.path);
    if (!hadBytes) throw error;
    return receive();
  }
}

/**
 * The bytes of a blob from its first: those that are on disk, then the rest from the source, which is written behind
 * them. When reading ends, for whatever reason, all that came is in the file.
 * Errors: ContentMismatchError, FileError, those of the source.
 */
export async function* bytesOf(blob: PartialBlob, content: BlobContent): AsyncGenerator<Buffer> {
  const keptBytes = await keptIn(blob);
  const isWhole = keptBytes > 0 && keptBytes === blob.descriptor.size;
  const rest = keptBytes > 0 && !isWhole ? await content.openFrom?.(keptBytes) : undefined;
  if (isWhole || rest) yield* continued(blob, keptBytes, rest);
  else yield* fromStart(blob, content);
}

async function* fromStart(blob: PartialBlob, { open: openWhole }: BlobContent): AsyncGenerator<Buffer> {
  if (!blob.isNew) await remove(blob.path);
  const source = await openWhole();
  yield* appending(blob, (file) => written(blob, file, source));
}

/** The source gives only the rest, so that the whole is verified here. */
async function* continued(
  blob: PartialBlob,
  keptBytes: number,
  rest: Readable | undefined,
): AsyncGenerator<Buffer> {
  yield* appending(blob, async function* (file) {
    yield* checked(blob, keptBytesOf(blob, file, keptBytes), rest ? written(blob, file, rest) : []);
  });
}

async function* checked(
  { descriptor }: PartialBlob,
  ...parts: readonly (AsyncIterable<Buffer> | Iterable<Buffer>)[]
): AsyncGenerator<Buffer> {
  const check = new ContentCheck(descriptor, 'the registry and what was kept of it');
  try {
    for (const part of parts) {
      for await (const chunk of part) {
        check.add(chunk);
        await check.room();
        yield chunk;
      }
    }
    await check.finish();
  } finally {
    check.abandon();
  }
}

async function* appending(
  { path, mode }: PartialBlob,
  work: (file: FileHandle) => AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  const file = await onDisk(path, () => open(path, 'a+', mode));
  try {
    yield* work(file);
  } finally {
    await file.close();
  }
}

async function* keptBytesOf({ path }: PartialBlob, file: FileHandle, keptBytes: number) {
  for (let position = 0; position < keptBytes;) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, keptBytes - position));
    const { bytesRead } = await onDisk(path, () => file.read(buffer, 0, buffer.length, position));
    // A file that became shorter fails its check.
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Passes a stream through to the end of the file. */
async function* written(
  { path, descriptor }: PartialBlob,
  file: FileHandle,
  source: Readable,
): AsyncGenerator<Buffer> {
  const blockBytes = Math.floor(descriptor.size / BLOCKS_IN_BLOB);
  const writer = new BlockWriter(
    file,
    path,
    Math.min(MAX_BLOCK_BYTES, Math.max(MIN_BLOCK_BYTES, blockBytes)),
  );
  let isWritten = false;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      await writer.add(chunk);
      yield chunk;
    }
    isWritten = true;
    await writer.end();
  } finally {
    // The failure that brought us here is the one to tell.
    if (!isWritten) await writtenLeft(writer, source).catch(() => undefined);
  }
}

/** Also what came and was not passed through any more. */
async function writtenLeft(writer: BlockWriter, source: Readable): Promise<void> {
  if (source instanceof ArrivingBytes) for (const chunk of source.takeUnread()) await writer.add(chunk);
  await writer.end();
}

/** More than the whole cannot be its start. */
async function keptIn({ path, descriptor, isNew }: PartialBlob): Promise<number> {
  if (isNew) return 0;
  const sizeBytes = (await ifExists(path, () => stat(path)))?.size ?? 0;
  return sizeBytes <= descriptor.size ? sizeBytes : 0;
}

function remove(path: string): Promise<void> {
  return onDisk(path, () => rm(path, { force: true }));
}
