import { mkdir, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isLeftBehind, ownFileName } from '../processMark';
import { onDisk } from './fileError';

const PREFIX = 'oci-push';

/**
 * A new folder for packed content, for this user alone; the caller removes it. Those that processes left in `parent` which
 * were killed go first. Errors: FileError.
 */
export async function makeTemporaryFolder(parent = tmpdir()): Promise<string> {
  await removeLeftBehind(parent);
  const folder = path.join(parent, ownFileName(PREFIX));
  await onDisk(parent, () => mkdir(folder, 0o700));
  return folder;
}

/** As far as it may be read and removed: the system's folder is everybody's. */
async function removeLeftBehind(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(`${PREFIX}~`) && isLeftBehind(each)))
    await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => undefined);
}
