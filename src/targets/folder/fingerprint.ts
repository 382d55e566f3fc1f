import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { onDisk } from './fileError';
import { walkFolder, type WalkOptions } from './walkFolder';

/** How a file or folder looks from outside. */
export interface Fingerprint {
  /** Equal for what was not touched in between: names, kinds, sizes, times, permissions, identities, links. */
  readonly print: string;
  /** The bytes of all files in it. */
  readonly sizeBytes: number;
}

/** Looks at a file, or at all of a folder that is not ignored, without reading it. Errors: FileError. */
export async function fingerprintOf(path: string, options: WalkOptions = {}): Promise<Fingerprint> {
  const root = await onDisk(path, () => realpath(path));
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const { relativePath, kind, stats, linkTarget } of walkFolder(root, options)) {
    const { size, mtimeNs, ino, mode } = stats;
    hash.update([relativePath, kind, size, mtimeNs, ino, mode, linkTarget].join('\0')).update('\n');
    if (kind === 'file') sizeBytes += Number(size);
  }
  return { print: hash.digest('hex'), sizeBytes };
}
