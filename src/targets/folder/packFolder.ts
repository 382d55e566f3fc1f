import { open, stat } from 'node:fs/promises';
import { contentHash, type ContentHash } from '../../oci/contentHash';
import type { Digest } from '../../oci/digest';
import type { TransferOptions } from '../../oci/target';
import { BlockWriter } from './blockWriter';
import { onDisk } from './fileError';
import { fileStateOf, requireUnchanged } from './fileState';
import { gzipBlocks } from './gzipBlocks';
import { lookAhead } from './lookAhead';
import { chunksOf, stateOf, type KnownFile } from './readFile';
import { encodeTarHeader, TAR_END, tarPadding } from './tarHeader';
import { walkFolder, type FolderEntry } from './walkFolder';

/** Small files are read side by side: most of their time is the way to the thread pool and back. */
const FILES_AHEAD = 16;
const SMALL_FILE_BYTES = 256 * 1024;

/** A folder to pack: its entries are named `title` and `title/...`; the archive is written to `archivePath`. */
export interface PackRequest {
  readonly folder: string;
  readonly title: string;
  readonly archivePath: string;
  /** See `WalkOptions`. */
  readonly ignoreFile?: string | undefined;
}

/** A packed folder: the archive on disk, and the digest of the tar before compression. */
export interface PackedFolder {
  readonly archive: KnownFile;
  readonly tarDigest: Digest;
}

/**
 * Packs a folder as tar+gzip, the same bytes for the same folder: owner 0, whole seconds, names sorted, nothing of the
 * time of packing. `onBytes` counts the bytes of files read. Errors: FileError that names the file.
 * Source: `oras push` of a folder, whose inner tar this equals.
 */
export async function packFolder(request: PackRequest, options: TransferOptions = {}): Promise<PackedFolder> {
  const { archivePath } = request;
  const tar = contentHash('sha256');
  const archive = contentHash('sha256');
  try {
    await writeArchive(archivePath, hashed(gzipBlocks(hashed(tarOf(request, options), tar)), archive));
    const digest: Digest = `sha256:${await archive.digest()}`;
    const state = fileStateOf(await onDisk(archivePath, () => stat(archivePath, { bigint: true })));
    return { archive: { path: archivePath, digest, state }, tarDigest: `sha256:${await tar.digest()}` };
  } finally {
    tar.abandon();
    archive.abandon();
  }
}

async function writeArchive(archivePath: string, chunks: AsyncIterable<Buffer>): Promise<void> {
  const file = await onDisk(archivePath, () => open(archivePath, 'wx', 0o600));
  try {
    const writer = new BlockWriter(file, archivePath);
    for await (const chunk of chunks) await writer.add(chunk);
    await writer.end();
  } finally {
    await file.close();
  }
}

async function* hashed(source: AsyncIterable<Buffer>, hash: ContentHash): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    hash.update(chunk);
    await hash.room();
    yield chunk;
  }
}

async function* tarOf(
  { folder, title, ignoreFile }: PackRequest,
  options: TransferOptions,
): AsyncGenerator<Buffer> {
  const found = walkFolder(folder, { ...options, ignoreFile });
  for await (const entry of lookAhead(found, FILES_AHEAD, (each) => prepared(each, options))) {
    yield headerOf(entry, title);
    yield* entry.content;
  }
  yield TAR_END;
}

interface PreparedEntry extends FolderEntry {
  readonly content: Iterable<Buffer> | AsyncIterable<Buffer>;
}

/** Reads a small file at once, ahead of its turn; a large one when it is written. */
async function prepared(entry: FolderEntry, options: TransferOptions): Promise<PreparedEntry> {
  if (entry.kind !== 'file' || entry.stats.size === 0n) return { ...entry, content: [] };
  if (entry.stats.size > SMALL_FILE_BYTES) return { ...entry, content: contentOf(entry, options) };
  const content: Buffer[] = [];
  for await (const chunk of contentOf(entry, options)) content.push(chunk);
  return { ...entry, content };
}

function headerOf({ relativePath, kind, stats, linkTarget }: FolderEntry, title: string): Buffer {
  return encodeTarHeader({
    kind,
    path: relativePath === '' ? title : `${title}/${relativePath}`,
    mode: Number(stats.mode) & 0o7777,
    mtimeSeconds: roundedSeconds(stats.mtimeNs),
    sizeBytes: kind === 'file' ? Number(stats.size) : 0,
    ...(linkTarget !== undefined && { linkPath: linkTarget }),
  });
}

async function* contentOf(
  { path, stats }: FolderEntry,
  { signal, onBytes }: TransferOptions,
): AsyncGenerator<Buffer> {
  const file = await onDisk(path, () => open(path));
  try {
    const state = fileStateOf(stats);
    requireUnchanged(path, state, await stateOf(file, path));
    for await (const chunk of chunksOf(file, path, state)) {
      signal?.throwIfAborted();
      onBytes?.(chunk.length);
      yield chunk;
    }
    yield tarPadding(state.sizeBytes);
  } finally {
    await file.close();
  }
}

/** Whole seconds, halves up, also before 1970. */
function roundedSeconds(timeNs: bigint): number {
  const second = 1_000_000_000n;
  const shifted = timeNs + second / 2n;
  const rest = ((shifted % second) + second) % second;
  return Number((shifted - rest) / second);
}
