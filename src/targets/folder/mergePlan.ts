import { lstat, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../oci/errors';
import type { ConflictPolicy } from '../../oci/target';
import { ifExists, onDisk } from './fileError';

/** One rename of something staged to its final path. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/**
 * The renames that bring `from`, a staged file or folder, to `to`: a folder that is new moves whole, one that exists is
 * filled file by file. An existing file or link is replaced or kept by `policy`, a link never followed.
 * Looks only. Errors: FileError where a folder stands for a file or the other way round.
 */
export async function planMerge(move: Move, policy: ConflictPolicy): Promise<readonly Move[]> {
  const { from, to } = move;
  const existing = await ifExists(to, () => lstat(to));
  if (!existing) return [move];
  const staged = await onDisk(from, () => lstat(from));
  if (!staged.isDirectory()) {
    if (existing.isDirectory()) throw new FileError(to, 'EISDIR', 'a folder stands where a file belongs');
    return policy === 'keep' ? [] : [move];
  }
  if (!existing.isDirectory())
    throw new FileError(to, 'ENOTDIR', 'a file or link stands where a folder belongs');
  const names = await onDisk(from, () => readdir(from));
  const moves: Move[] = [];
  for (const name of names) {
    moves.push(...(await planMerge({ from: path.join(from, name), to: path.join(to, name) }, policy)));
  }
  return moves;
}

/** Errors: FileError. */
export async function carryOut(moves: readonly Move[]): Promise<void> {
  for (const { from, to } of moves) await onDisk(to, () => rename(from, to));
}
