import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UnsafePathError } from '../../oci/errors';
import { pathBoundProblem } from '../../oci/pathBounds';
import { isInside } from '../../oci/pathInside';
import { ifExists, onDisk } from './fileError';

/** What programs run by themselves, or believe without asking: nothing that came from elsewhere is put there. */
const CONTROL_FOLDERS = new Set(['.git', '.vscode', '.oci']);

/** What is done at a path; `write` is a file or a whole folder. */
export type PathUse = 'read' | 'write';

/**
 * The absolute path of something in a folder, once it is sure that it stays in the folder, through links too. `given` is
 * relative to the folder, or absolute. What does not exist yet counts as where it would be made.
 * Errors: UnsafePathError with the path as given; FileError.
 */
export async function pathInFolder(folder: string, given: string, use: PathUse): Promise<string> {
  const tooLarge = pathBoundProblem(given, process.platform);
  if (tooLarge) throw new UnsafePathError(given, tooLarge);
  const full = path.resolve(folder, given);
  const root = await onDisk(folder, () => realpath(folder));
  const real = await realPlace(full, given);
  const reason = problemOf(path.relative(root, real), isInside(root, real), use);
  if (reason) throw new UnsafePathError(given, reason);
  return full;
}

function problemOf(relative: string, inside: boolean, use: PathUse): string | undefined {
  if (!inside) return 'it leads out of the workspace folder';
  if (use === 'read') return undefined;
  const [first = ''] = relative.split(path.sep);
  if (CONTROL_FOLDERS.has(first.toLowerCase())) return `nothing is written to ${first}, which is obeyed`;
  if (relative === '') return 'it is the workspace folder itself; name a folder below it';
  return undefined;
}

/** The real path of what is there, and behind it the names that are not there yet. */
async function realPlace(full: string, given: string): Promise<string> {
  const real = await ifExists(full, () => realpath(full));
  if (real !== undefined) return real;
  if (await ifExists(full, () => lstat(full))) throw new UnsafePathError(given, 'it is a link to nothing');
  const parent = path.dirname(full);
  return parent === full ? full : path.join(await realPlace(parent, given), path.basename(full));
}
