import { readdir, utimes } from 'node:fs/promises';
import path from 'node:path';

/** Makes all blobs of a layout as old as can be, as if nobody had written or asked for them for long. */
export async function ageBlobs(layoutFolder: string): Promise<void> {
  for (const file of await blobFiles(layoutFolder)) await utimes(file, 0, 0);
}

/** The digests of all blobs of a layout, sorted. */
export async function blobsIn(layoutFolder: string): Promise<readonly string[]> {
  const files = await blobFiles(layoutFolder);
  return files.map((file) => `${path.basename(path.dirname(file))}:${path.basename(file)}`).sort();
}

async function blobFiles(layoutFolder: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(layoutFolder, 'blobs'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
