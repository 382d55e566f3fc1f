import { randomUUID } from 'node:crypto';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { TransferOptions } from '../../oci/target';
import { BlockWriter } from '../folder/blockWriter';
import { onDisk } from '../folder/fileError';
import { chunksOf, stateOf } from '../folder/readFile';
import { encodeTarHeader, TAR_END, tarPadding } from '../folder/tarHeader';

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/**
 * Writes a layout folder as a plain tar, the same bytes for the same content: the small files first, so that readers
 * find them at once, then the blobs by name; no times, no owners. The archive appears whole or not at all; one that is
 * there is replaced. `onBytes` counts the bytes of blobs. Errors: FileError. Source: `oras backup -o x.tar`.
 */
export async function writeLayoutTar(
  layoutFolder: string,
  archive: string,
  options: TransferOptions = {},
): Promise<void> {
  const temporary = path.join(path.dirname(archive), `.${path.basename(archive)}-${randomUUID()}`);
  try {
    const file = await onDisk(archive, () => open(temporary, 'wx'));
    try {
      await writeEntries(layoutFolder, { file, archive }, options);
    } finally {
      await file.close();
    }
    await onDisk(archive, () => rename(temporary, archive));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeEntries(
  root: string,
  { file, archive }: { readonly file: FileHandle; readonly archive: string },
  options: TransferOptions,
): Promise<void> {
  const writer = new BlockWriter(file, archive);
  for (const name of ['oci-layout', 'index.json']) await addFile(writer, { root, name }, {});
  await writer.add(headerOf('blobs', 'folder', 0));
  for (const algorithm of await namesIn(path.join(root, 'blobs'))) {
    await writer.add(headerOf(`blobs/${algorithm}`, 'folder', 0));
    for (const hex of await namesIn(path.join(root, 'blobs', algorithm)))
      await addFile(writer, { root, name: `blobs/${algorithm}/${hex}` }, options);
  }
  await writer.add(TAR_END);
  await writer.end();
}

async function addFile(
  writer: BlockWriter,
  { root, name }: { readonly root: string; readonly name: string },
  { signal, onBytes }: TransferOptions,
): Promise<void> {
  const full = path.join(root, name);
  const file = await onDisk(full, () => open(full));
  try {
    const state = await stateOf(file, full);
    await writer.add(headerOf(name, 'file', state.sizeBytes));
    for await (const chunk of chunksOf(file, full, state)) {
      signal?.throwIfAborted();
      await writer.add(chunk);
      onBytes?.(chunk.length);
    }
    await writer.add(tarPadding(state.sizeBytes));
  } finally {
    await file.close();
  }
}

function headerOf(name: string, kind: 'file' | 'folder', sizeBytes: number): Buffer {
  const mode = kind === 'file' ? FILE_MODE : FOLDER_MODE;
  return encodeTarHeader({ kind, path: name, mode, mtimeSeconds: 0, sizeBytes });
}

async function namesIn(folder: string): Promise<string[]> {
  return (await onDisk(folder, () => readdir(folder))).sort();
}

/** How many bytes of blobs a layout folder holds. Errors: FileError. */
export async function layoutBytes(layoutFolder: string): Promise<number> {
  let sizeBytes = 0;
  const blobs = path.join(layoutFolder, 'blobs');
  for (const algorithm of await namesIn(blobs)) {
    for (const hex of await namesIn(path.join(blobs, algorithm))) {
      const full = path.join(blobs, algorithm, hex);
      sizeBytes += (await onDisk(full, () => stat(full))).size;
    }
  }
  return sizeBytes;
}
