import { lstat, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../oci/errors';
import type { Pace } from '../../oci/pace';
import type { ConflictPolicy } from '../../oci/target';
import { ifExists, onDisk } from './fileError';
import { NameTree } from './nameTree';

/** One rename of something staged to its final path. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** Permissions of the file that it replaces. */
  readonly replacedMode?: number;
}

/** How moves are planned: what becomes of a file that exists, and how often the loop gives way. */
export interface MergeOptions {
  readonly policy: ConflictPolicy;
  readonly pace: Pace;
}

/**
 * The renames that bring `from`, a staged file or folder, to `to`: a folder that is new moves whole, one that exists is
 * filled file by file. An existing file or link is replaced or kept by `policy`, a link never followed.
 * Looks only. Errors: FileError where a folder stands for a file or the other way round; the abort reason.
 */
export async function planMerge(move: Move, options: MergeOptions): Promise<readonly Move[]> {
  const moves: Move[] = [];
  const ahead = [move];
  for (let next = ahead.pop(); next; next = ahead.pop()) {
    await options.pace.step();
    const { from, to } = next;
    const existing = await ifExists(to, () => lstat(to));
    if (!existing) {
      moves.push(next);
      continue;
    }
    const staged = await onDisk(from, () => lstat(from));
    if (staged.isDirectory() && existing.isDirectory())
      for (const inner of (await contentMoves(next)).reverse()) ahead.push(inner);
    else if (existing.isDirectory())
      throw new FileError(to, 'EISDIR', 'a folder stands where a file belongs');
    else if (staged.isDirectory())
      throw new FileError(to, 'ENOTDIR', 'a file or link stands where a folder belongs');
    else if (options.policy === 'overwrite')
      moves.push({ ...next, ...(existing.isFile() && { replacedMode: existing.mode }) });
  }
  return moves;
}

/** The same for what a staged folder holds: `to` is there, and may be a link to the folder that was chosen. */
export async function planContentMerge(move: Move, options: MergeOptions): Promise<readonly Move[]> {
  const moves: Move[] = [];
  for (const inner of await contentMoves(move)) {
    for (const each of await planMerge(inner, options)) moves.push(each);
  }
  return moves;
}

/** Errors: FileError. */
export async function carryOut(moves: readonly Move[]): Promise<void> {
  for (const { from, to } of moves) await onDisk(to, () => rename(from, to));
}

/** The final paths of moves, by which a path is found that came along with a folder. */
export class MovedPaths {
  private readonly tree = new NameTree<boolean>(false, 'linux');

  /** `root` is a folder that all moves lead to or below. */
  constructor(root: string, moves: readonly Move[]) {
    for (const { to } of moves) {
      let node = this.tree.top;
      for (const part of partsOf(path.relative(root, to), path.sep))
        node = this.tree.child(node, part) ?? this.tree.add(node, part, false);
      node.value = true;
    }
  }

  /** True for a path relative to the root, with `/`, that was moved, or lies in a folder that was. */
  includes(relativePath: string): boolean {
    let node = this.tree.top;
    for (const part of partsOf(relativePath, '/')) {
      const child = node.value ? undefined : this.tree.child(node, part);
      if (!child) return node.value;
      node = child;
    }
    return node.value;
  }
}

function partsOf(relativePath: string, separator: string): string[] {
  return relativePath.split(separator).filter((part) => part !== '');
}

async function contentMoves({ from, to }: Move): Promise<Move[]> {
  const names = await onDisk(from, () => readdir(from));
  return names.map((name) => ({ from: path.join(from, name), to: path.join(to, name) }));
}
