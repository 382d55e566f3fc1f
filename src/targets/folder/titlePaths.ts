import { lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { FileError, UnsafePathError } from '../../oci/errors';
import { Pace } from '../../oci/pace';
import { isInside } from '../../oci/pathInside';
import { cleanTitle, innerPathProblem, titleParts, titleProblem } from '../../oci/title';
import type { PullFile } from '../../oci/target';
import { ifExists, onDisk } from './fileError';
import { NameTree, type NameNode } from './nameTree';

/**
 * Checks titles by their text: each stays below the folder, no two are one name, and none lies below a plain file. The
 * folder itself may be one that is unpacked. On Windows and macOS names that differ by case or composition alone count
 * as one. Errors: UnsafePathError, the abort reason.
 */
export async function checkTitles(
  files: readonly PullFile[],
  platform: NodeJS.Platform,
  signal?: AbortSignal,
): Promise<void> {
  const pace = new Pace(signal);
  const tree = new NameTree<PullFile | undefined>(undefined, platform);
  for (const file of files) {
    await pace.step();
    const problem = problemOf(file, platform);
    if (problem) throw new UnsafePathError(file.title, problem);
    const node = nodeOf(tree, file);
    if (node.value) throw new UnsafePathError(file.title, `it is the same file as "${node.value.title}"`);
    node.value = file;
  }
  for (const node of tree.nodes()) {
    await pace.step();
    const above = node.parent?.value;
    if (above && !above.unpack)
      throw new UnsafePathError(titleBelow(tree, node), `it lies below the file "${above.title}"`);
  }
}

function problemOf({ title, unpack }: PullFile, platform: NodeJS.Platform): string | undefined {
  return unpack ? innerPathProblem(title, platform) : titleProblem(title, platform);
}

function nodeOf(tree: NameTree<PullFile | undefined>, { title }: PullFile): NameNode<PullFile | undefined> {
  let node = tree.top;
  for (const part of titleParts(title)) node = tree.child(node, part) ?? tree.add(node, part, undefined);
  return node;
}

/** The first title at a node or below it: a node is there because of one. */
function titleBelow(tree: NameTree<PullFile | undefined>, node: NameNode<PullFile | undefined>): string {
  let at: NameNode<PullFile | undefined> | undefined = node;
  while (at && !at.value) [at] = at.children?.values() ?? [];
  return at?.value?.title ?? tree.pathOf(node);
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
