import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { onDisk } from './fileError';
import { IgnoreRules } from './ignoreRules';
import { LinkResolver, linkReaderOf } from './linkTarget';

/** Something found in a folder. `relativePath` has `/`; it is empty for the folder itself. */
export interface FolderEntry {
  readonly relativePath: string;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink';
  readonly stats: BigIntStats;
  /** Where a symlink points, as it is written; it stays inside the folder. */
  readonly linkTarget?: string;
}

/** `ignoreFile` names the files whose rules leave things out; without it nothing is. */
export interface WalkOptions extends WaitOptions {
  readonly ignoreFile?: string | undefined;
}

/** What is still to be looked at, with the rules of the folders above it. */
interface Ahead {
  readonly relativePath: string;
  readonly rules: IgnoreRules | undefined;
}

/**
 * The folder, then all below it that is not ignored: each folder before its content, names in the order of their bytes
 * as `oras` sorts them. Links are named, never followed. Errors: FileError (unreadable, a link that leads outside, a
 * socket, pipe or device, a name that is not UTF-8); LinkStepsError; the abort reason.
 */
export async function* walkFolder(
  root: string,
  { signal, ignoreFile }: WalkOptions = {},
): AsyncGenerator<FolderEntry> {
  const ahead: Ahead[] = [
    { relativePath: '', rules: ignoreFile ? IgnoreRules.named(ignoreFile) : undefined },
  ];
  const links = new LinkResolver(linkReaderOf(root), {
    where: `"${root}"`,
    platform: process.platform,
    ...(signal && { signal }),
  });
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    signal?.throwIfAborted();
    const { relativePath, rules } = next;
    const entry = await look(root, next, links);
    if (!entry) continue;
    yield entry;
    if (entry.kind !== 'folder') continue;
    const inner = await rules?.inside(root, relativePath);
    ahead.push(...(await childrenOf(entry)).reverse().map((path) => ({ relativePath: path, rules: inner })));
  }
}

/** Undefined for what is ignored, which is not judged any further. */
async function look(
  root: string,
  { relativePath, rules }: Ahead,
  links: LinkResolver,
): Promise<FolderEntry | undefined> {
  const full = relativePath === '' ? root : path.join(root, relativePath);
  const stats = await onDisk(full, () => lstat(full, { bigint: true }));
  if (relativePath !== '' && rules?.ignores(relativePath, stats.isDirectory())) return undefined;
  const found = { relativePath, path: full, stats };
  if (stats.isFile()) return { ...found, kind: 'file' };
  if (stats.isDirectory()) return { ...found, kind: 'folder' };
  if (!stats.isSymbolicLink()) throw refusedKind(full, stats);
  const linkTarget = await onDisk(full, () => readlink(full));
  const problem = await links.problem(relativePath, linkTarget);
  if (problem) throw new FileError(full, 'LINK_OUTSIDE', `${problem}, so it cannot be packed`);
  return { ...found, kind: 'symlink', linkTarget };
}

/** The error for what is neither file nor folder nor link. */
export function refusedKind(full: string, stats: BigIntStats): FileError {
  const what = stats.isSocket() ? 'a socket' : stats.isFIFO() ? 'a pipe' : 'a device';
  return new FileError(full, 'NOT_A_FILE', `it is ${what}, which cannot be pushed`);
}

async function childrenOf({ path: folder, relativePath }: FolderEntry): Promise<string[]> {
  const names = await onDisk(folder, () => readdir(folder, { encoding: 'buffer' }));
  return names
    .sort((a, b) => Buffer.compare(a, b))
    .map((name) => {
      if (!isUtf8(name))
        throw new FileError(path.join(folder, name.toString()), 'NAME', 'its name is not UTF-8');
      return relativePath === '' ? name.toString() : `${relativePath}/${name.toString()}`;
    });
}
