import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Pace } from '../../oci/pace';
import { titleParts } from '../../oci/title';
import { onDisk } from './fileError';
import { carryOut, planMerge } from './mergePlan';
import type { StagedFile } from './receiveLayer';
import { checkParents, finalPath } from './titlePaths';

/**
 * Puts a layer whose title lies in the folder of another layer into that folder, while both are staged; gives the
 * layers that are left. Errors: FileError, UnsafePathError, the abort reason.
 */
export async function joinNested(staged: readonly StagedFile[], pace: Pace): Promise<readonly StagedFile[]> {
  const outermost = new Map<string, StagedFile>();
  const named = staged.map((item) => ({ item, parts: titleParts(item.file.title) }));
  for (const { item, parts } of named.sort((a, b) => a.parts.length - b.parts.length)) {
    await pace.step();
    const above = foldersAbove(parts).find((folder) => outermost.has(folder)) ?? parts.join('/');
    const outer = outermost.get(above);
    outermost.set(above, outer ? await joined(outer, item, pace) : item);
  }
  return [...outermost.values()];
}

/** `a/b/c` lies in the folder itself, in `a` and in `a/b`. */
function foldersAbove(parts: readonly string[]): string[] {
  return parts.map((_, index) => parts.slice(0, index).join('/'));
}

async function joined(outer: StagedFile, inner: StagedFile, pace: Pace): Promise<StagedFile> {
  const rest = titleParts(inner.file.title).slice(titleParts(outer.file.title).length).join('/');
  await checkParents(outer.path, rest);
  const to = finalPath(outer.path, rest);
  const moves = await planMerge({ from: inner.path, to }, { policy: 'overwrite', pace });
  await onDisk(to, () => mkdir(path.dirname(to), { recursive: true }));
  await carryOut(moves);
  const leaves = inner.unpacked ? inner.unpacked.leaves.map((leaf) => `${rest}/${leaf}`) : [rest];
  const folders = (inner.unpacked?.folders ?? []).map((folder) => ({
    ...folder,
    relativePath: path.posix.join(rest, folder.relativePath),
  }));
  return {
    ...outer,
    unpacked: {
      leaves: [...new Set([...(outer.unpacked?.leaves ?? []), ...leaves])],
      folders: [...(outer.unpacked?.folders ?? []), ...folders],
    },
  };
}
