import type { BigIntStats } from 'node:fs';
import { FileError } from '../../oci/errors';

/** What tells that a file was touched between two looks: size, modification time and identity. */
export interface FileState {
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly inode: bigint;
}

export function fileStateOf(stats: BigIntStats): FileState {
  return { sizeBytes: Number(stats.size), mtimeNs: stats.mtimeNs, inode: stats.ino };
}

/** Errors: FileError with the code CHANGED unless both looks agree. */
export function requireUnchanged(path: string, before: FileState, after: FileState): void {
  const same =
    before.sizeBytes === after.sizeBytes && before.mtimeNs === after.mtimeNs && before.inode === after.inode;
  if (!same) throw changedError(path);
}

/** The error for a file that was written to while it was read. */
export function changedError(path: string): FileError {
  return new FileError(path, 'CHANGED', 'it changed while it was being pushed');
}
