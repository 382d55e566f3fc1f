import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { StagingKeeper } from '../../oci/transferStore';
import { onDisk } from './fileError';

/** The hidden folder that a pull is received in, and what it held of an earlier try. */
export interface StagingFolder {
  readonly path: string;
  readonly names: Set<string>;
}

const PREFIX = '.oci-pull-';

/** A fresh name for the hidden folder that a pull into `root` is received in. */
export function newStagingPath(root: string): string {
  return path.join(root, `${PREFIX}${randomBytes(8).toString('hex')}`);
}

/** True for a path that `newStagingPath` gave. */
export function isStagingPath(text: string): boolean {
  return path.isAbsolute(text) && path.basename(text).startsWith(PREFIX);
}

/** Makes it inside `root`; a keeper brings what it has kept. Errors: FileError. */
export async function makeStagingFolder(root: string, keeper?: StagingKeeper): Promise<StagingFolder> {
  if (keeper) {
    const kept = await keeper.bring(root);
    return { path: kept, names: new Set(await onDisk(kept, () => readdir(kept))) };
  }
  const fresh = newStagingPath(root);
  await onDisk(fresh, () => mkdir(fresh, 0o700));
  return { path: fresh, names: new Set() };
}
