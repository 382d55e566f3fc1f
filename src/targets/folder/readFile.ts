import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { contentHash } from '../../oci/contentHash';
import type { Digest } from '../../oci/digest';
import type { TransferOptions, WaitOptions } from '../../oci/target';
import { onDisk } from './fileError';
import { changedError, fileStateOf, requireUnchanged, type FileState } from './fileState';

/** Bytes asked of the disk at once: large enough that the way to the thread pool and back does not count. */
const READ_BYTES = 1024 * 1024;

/** A file as it was when it was read: where, which bytes, and how to tell that it changed since. */
export interface KnownFile {
  readonly path: string;
  readonly digest: Digest;
  readonly state: FileState;
  /** All of it, where it was to be kept. */
  readonly bytes?: Buffer;
}

/**
 * Reads a file once for its digest. `keeps` says by its size whether its bytes stay in memory. Errors: FileError, with the code
 * CHANGED when it is written to meanwhile.
 */
export async function hashFile(
  path: string,
  options: TransferOptions = {},
  keeps: (sizeBytes: number) => boolean = () => false,
): Promise<KnownFile> {
  const file = await onDisk(path, () => open(path));
  try {
    const state = await stateOf(file, path);
    const kept: Buffer[] | undefined = keeps(state.sizeBytes) ? [] : undefined;
    const digest = await digestOfFile(file, { path, state, ...(kept && { kept }) }, options);
    return { path, digest, state, ...(kept && { bytes: Buffer.concat(kept) }) };
  } finally {
    await file.close();
  }
}

/** `kept` takes the bytes. */
interface Reading extends Pick<KnownFile, 'path' | 'state'> {
  readonly kept?: Buffer[];
}

async function digestOfFile(
  file: FileHandle,
  { path, state, kept }: Reading,
  { signal, onBytes }: TransferOptions,
): Promise<Digest> {
  const hash = contentHash('sha256', state.sizeBytes);
  try {
    for await (const chunk of chunksOf(file, path, state, kept ? newBuffer : inTurn())) {
      signal?.throwIfAborted();
      hash.update(chunk);
      await hash.room();
      kept?.push(chunk);
      onBytes?.(chunk.length);
    }
    return `sha256:${await hash.digest()}`;
  } finally {
    hash.abandon();
  }
}

/**
 * The bytes of a file that was read before: those that were kept, else from the disk again. Then the last chunk is held
 * back until the file is known to be untouched, so that a changed one never arrives as complete. Errors, in the stream:
 * FileError with the code CHANGED.
 */
export function streamKnownFile(known: Omit<KnownFile, 'digest'>, { signal }: WaitOptions = {}): Readable {
  if (known.bytes) return Readable.from([known.bytes], { objectMode: false });
  return Readable.from(knownChunks(known, signal), { objectMode: false, highWaterMark: 2 * READ_BYTES });
}

/** Where the next bytes are read into. */
type BufferFor = (sizeBytes: number) => Buffer;

const newBuffer: BufferFor = (sizeBytes) => Buffer.allocUnsafeSlow(sizeBytes);

/** Two buffers by turns, for who is through with a chunk when the next is asked for; no later one is larger. */
function inTurn(): BufferFor {
  const buffers: Buffer[] = [];
  return (sizeBytes) => {
    const buffer = buffers.length < 2 ? newBuffer(sizeBytes) : (buffers.shift() as Buffer);
    buffers.push(buffer);
    return buffer.subarray(0, sizeBytes);
  };
}

/** The bytes of an open file, exactly as many as `state` says. Errors: FileError, with the code CHANGED. */
export async function* chunksOf(
  file: FileHandle,
  path: string,
  state: FileState,
  bufferFor = newBuffer,
): AsyncGenerator<Buffer> {
  let position = 0;
  const read = () => readAt(file, path, bufferFor(missingAt(state, position)), position);
  let next = read();
  while (position < state.sizeBytes) {
    const chunk = await next;
    if (chunk.length === 0) throw changedError(path);
    position += chunk.length;
    next = read();
    // Awaited in the next turn; a failure must not count as unhandled while the caller works on this chunk.
    next.catch(() => undefined);
    yield chunk;
  }
  await next;
  requireUnchanged(path, state, await stateOf(file, path));
}

/** Errors: FileError. */
export async function stateOf(file: FileHandle, path: string): Promise<FileState> {
  return fileStateOf(await onDisk(path, () => file.stat({ bigint: true })));
}

async function* knownChunks(
  known: Omit<KnownFile, 'digest'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const { path, state } = known;
  const file = await onDisk(path, () => open(path));
  try {
    requireUnchanged(path, state, await stateOf(file, path));
    let held: Buffer | undefined;
    for await (const chunk of chunksOf(file, path, state)) {
      signal?.throwIfAborted();
      if (held) yield held;
      held = chunk;
    }
    if (held) yield held;
  } finally {
    await file.close();
  }
}

function missingAt({ sizeBytes }: FileState, position: number): number {
  return Math.min(READ_BYTES, sizeBytes - position);
}

async function readAt(file: FileHandle, path: string, into: Buffer, position: number): Promise<Buffer> {
  if (into.length === 0) return into;
  const { bytesRead } = await onDisk(path, () => file.read(into, 0, into.length, position));
  return into.subarray(0, bytesRead);
}
