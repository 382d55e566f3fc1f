import { chmod, lstat, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { onDisk } from './fileError';
import type { FolderAttributes } from './folderExtractor';
import type { Move } from './mergePlan';

const PERMISSIONS = 0o777;
const MAY_RUN = 0o111;

/** Deepest first: a folder may lose the right to be entered. The umask has been applied when it was made. */
export async function giveAttributes(root: string, folders: readonly FolderAttributes[]): Promise<void> {
  const deepestFirst = [...folders].sort((a, b) => b.relativePath.length - a.relativePath.length);
  for (const { relativePath, mode, mtime } of deepestFirst) {
    const full = relativePath === '' ? root : path.join(root, relativePath);
    const allowed = (await onDisk(full, () => stat(full))).mode & PERMISSIONS;
    await onDisk(full, () => utimes(full, mtime, mtime));
    if ((allowed & mode) !== allowed) await onDisk(full, () => chmod(full, allowed & mode));
  }
}

/** Lets whoever may run a file run the one that replaces it. Call it before the move. Errors: FileError. */
export async function keepExecutable({ from, replacedMode = 0 }: Move): Promise<void> {
  const mayRun = replacedMode & MAY_RUN;
  if (mayRun === 0) return;
  const staged = await onDisk(from, () => lstat(from));
  if (staged.isFile()) await onDisk(from, () => chmod(from, (staged.mode & PERMISSIONS) | mayRun));
}
