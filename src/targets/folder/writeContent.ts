import type { FileHandle } from 'node:fs/promises';
import type { Pace } from '../../oci/pace';
import { BlockWriter } from './blockWriter';
import { onDisk } from './fileError';
import { placed, type SparseFile } from './sparseFile';

/** The bytes of a file, or of its parts. */
export type Content = Iterable<Buffer> | AsyncIterable<Buffer>;

/** A new file that is open for writing, with its path for errors. */
export interface NewFile {
  readonly file: FileHandle;
  readonly full: string;
}

/** Writes a file from its start to its end. Errors: FileError, those of the content. */
export async function writeWhole({ file, full }: NewFile, content: Content): Promise<void> {
  const writer = new BlockWriter(file, full);
  for await (const chunk of content) await writer.add(chunk);
  await writer.end();
}

/**
 * Writes the parts of a file and leaves the holes, which take no room on most disks. Errors: FileError, those of the
 * content, the abort reason.
 */
export async function writeParts(
  { file, full }: NewFile,
  { content, sparse }: { readonly content: Content; readonly sparse: SparseFile },
  pace: Pace,
): Promise<void> {
  await onDisk(full, () => file.truncate(sparse.realBytes));
  for await (const { bytes, position } of placed(content, sparse)) {
    await pace.step();
    for (let doneBytes = 0; doneBytes < bytes.length;) {
      const write = () => file.write(bytes, doneBytes, bytes.length - doneBytes, position + doneBytes);
      doneBytes += (await onDisk(full, write)).bytesWritten;
    }
  }
}
