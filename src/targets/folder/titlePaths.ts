import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileError, UnsafePathError } from '../../oci/errors';
import { isInside } from '../../oci/pathInside';
import { cleanTitle, titleProblem } from '../../oci/title';
import type { PullFile } from '../../oci/target';
import { ifExists, onDisk } from './fileError';
import { nameKey } from './nameKey';

/**
 * Checks titles by their text: each stays below the folder, no two are one name, and none lies below a plain file.
 * On Windows and macOS names that differ by case or composition alone count as one. Errors: UnsafePathError.
 */
export function checkTitles(files: readonly PullFile[], platform: NodeJS.Platform): void {
  for (const { title } of files) {
    const problem = titleProblem(title, platform);
    if (problem) throw new UnsafePathError(title, problem);
  }
  const fileByName = new Map<string, PullFile>();
  for (const file of files) {
    const name = nameKey(cleanTitle(file.title), platform);
    const other = fileByName.get(name);
    if (other) throw new UnsafePathError(file.title, `it is the same file as "${other.title}"`);
    fileByName.set(name, file);
  }
  for (const { title } of files) checkAncestors(title, fileByName, platform);
}

/** Where a title lands: its path below the folder. */
export function finalPath(root: string, title: string): string {
  return path.join(root, cleanTitle(title));
}

/**
 * Checks the folders between `root` and a title that exist already: links may not lead out of `root`.
 * Errors: UnsafePathError, FileError where a file stands for a folder.
 */
export async function checkParents(root: string, title: string): Promise<void> {
  const parents = cleanTitle(title).split('/').slice(0, -1);
  let at = root;
  for (const part of parents) {
    at = path.join(at, part);
    const stats = await ifExists(at, () => lstat(at));
    if (!stats) return;
    if (stats.isSymbolicLink()) at = await followInside(root, at, title);
    else if (!stats.isDirectory()) throw new FileError(at, 'ENOTDIR', 'a file stands where a folder belongs');
  }
}

async function followInside(root: string, link: string, title: string): Promise<string> {
  const realRoot = await onDisk(root, () => realpath(root));
  const target = await ifExists(link, () => realpath(link));
  if (target === undefined) throw new UnsafePathError(title, `"${link}" is a link to nothing`);
  if (!isInside(realRoot, target))
    throw new UnsafePathError(title, `"${link}" is a link that leads out of the folder`);
  if (!(await onDisk(target, () => stat(target))).isDirectory())
    throw new FileError(link, 'ENOTDIR', 'a file stands where a folder belongs');
  return target;
}

function checkAncestors(
  title: string,
  files: ReadonlyMap<string, PullFile>,
  platform: NodeJS.Platform,
): void {
  const parts = cleanTitle(title).split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const ancestor = files.get(nameKey(parts.slice(0, depth).join('/'), platform));
    if (ancestor && !ancestor.unpack)
      throw new UnsafePathError(title, `it lies below the file "${ancestor.title}"`);
  }
}
