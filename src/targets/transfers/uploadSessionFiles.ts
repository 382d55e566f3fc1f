import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifExists, onDisk } from '../folder/fileError';
import { writeWholeFile } from '../folder/wholeFile';
import type { UploadKey, UploadSessions } from '../registry/uploadWays';

const HASH_DIGITS = 32;

/** Uploads that were begun, a file each, so that they go on after a restart. Errors of each: FileError. */
export class UploadSessionFiles implements UploadSessions {
  constructor(private readonly folder: string) {}

  async take(key: UploadKey): Promise<string | undefined> {
    const file = this.fileOf(key);
    const location = await ifExists(file, () => readFile(file, 'utf8'));
    // Of two who read it at the same time, one removes it.
    const isOurs = (await ifExists(file, () => rm(file).then(() => true))) ?? false;
    return isOurs ? location : undefined;
  }

  keep(key: UploadKey, location: string): Promise<void> {
    return writeWholeFile(this.fileOf(key), Buffer.from(location));
  }

  async drop(key: UploadKey): Promise<void> {
    await onDisk(this.folder, () => rm(this.fileOf(key), { force: true }));
  }

  async mayKeep(key: Omit<UploadKey, 'digest'>): Promise<boolean> {
    const names = (await ifExists(this.folder, () => readdir(this.folder))) ?? [];
    return names.some((name) => name.startsWith(groupOf(key)));
  }

  /** Removes those that nobody went on with for so long. */
  async clean(maxAgeMs: number, nowMs = Date.now()): Promise<void> {
    for (const name of (await ifExists(this.folder, () => readdir(this.folder))) ?? []) {
      const file = path.join(this.folder, name);
      const changed = await ifExists(file, () => stat(file));
      if (changed && nowMs - changed.mtimeMs > maxAgeMs) await onDisk(file, () => rm(file, { force: true }));
    }
  }

  private fileOf(key: UploadKey): string {
    return path.join(this.folder, `${groupOf(key)}${hash(key.digest)}`);
  }
}

/** How the names of all begin that are of one size and for one repository. */
function groupOf({ repository, sizeBytes }: Omit<UploadKey, 'digest'>): string {
  return `${hash(repository)}-${sizeBytes}-`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
