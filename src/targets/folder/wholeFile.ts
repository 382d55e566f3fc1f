import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../oci/errors';
import { onDisk } from './fileError';

/** Reads a file into memory. Errors: FileError, with the code TOO_LARGE past `maxBytes`. */
export async function readWholeFile(file: string, maxBytes: number): Promise<Buffer> {
  const { size } = await onDisk(file, () => stat(file));
  if (size > maxBytes) throw new FileError(file, 'TOO_LARGE', `it is larger than ${maxBytes} bytes`);
  return onDisk(file, () => readFile(file));
}

/** Writes a file that appears whole or not at all, and the folders above it. Errors: FileError. */
export async function writeWholeFile(file: string, bytes: Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  const temporary = path.join(folder, `.${path.basename(file)}.${randomUUID()}.tmp`);
  await onDisk(file, async () => {
    await mkdir(folder, { recursive: true });
    try {
      await writeFile(temporary, bytes, { flag: 'wx' });
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  });
}
