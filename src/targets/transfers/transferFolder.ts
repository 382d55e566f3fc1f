import { cp, lstat, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifExists, onDisk, systemCodeOf } from '../folder/fileError';
import { KEPT_LAYOUT, type StagingKeeper } from '../../oci/transferStore';
import { isStagingPath, newStagingPath } from '../folder/stagingFolder';
import { writeWholeFile } from '../folder/wholeFile';

/**
 * What is kept of one transfer: `record.json` (what it was), `data/` (what was received), `staging` (the hidden folder
 * in the destination where that is while it runs). Rename takes data there and back, so that nothing is ever copied
 * where destination and storage are on one disk. On two disks it stays in the destination.
 */
export class TransferFolder implements StagingKeeper {
  private readonly data: string;
  private readonly stagingFile: string;

  constructor(folder: string) {
    this.data = path.join(folder, 'data');
    this.stagingFile = path.join(folder, 'staging');
  }

  async bring(root: string): Promise<string> {
    const left = await this.leftBehind();
    if (left !== undefined && path.dirname(left) === path.resolve(root)) {
      await removeUnpacked(left);
      return left;
    }
    const staging = newStagingPath(path.resolve(root));
    // Before it is made: a process may be killed in between.
    await writeWholeFile(this.stagingFile, Buffer.from(staging));
    if (await ifExists(this.data, () => stat(this.data))) await move(this.data, staging);
    else await onDisk(staging, () => mkdir(staging, 0o700));
    return staging;
  }

  /** Where the file system does not let go of it, it stays where it is, and is found there again. */
  async keep(staging: string): Promise<void> {
    await removeUnpacked(staging);
    if ((await sizeOfFiles(staging)) === 0) {
      await removeTree(staging);
    } else {
      try {
        await rename(staging, this.data);
      } catch (error) {
        if (systemCodeOf(error) === undefined) throw error;
        return;
      }
    }
    await onDisk(this.stagingFile, () => rm(this.stagingFile, { force: true }));
  }

  /** How much of the content is on this disk, in bytes. */
  async keptBytes(): Promise<number> {
    const left = await this.leftBehind();
    return (await sizeOfFiles(this.data)) + (left === undefined ? 0 : await sizeOfFiles(left));
  }

  /** Takes the received content away, wherever it is. */
  async removeData(): Promise<void> {
    const left = await this.leftBehind();
    if (left !== undefined) await removeTree(left);
    await onDisk(this.stagingFile, () => rm(this.stagingFile, { force: true }));
    await removeTree(this.data);
  }

  /** The hidden folder in the destination, where it is there. */
  async leftBehind(): Promise<string | undefined> {
    const staging = await ifExists(this.stagingFile, () => readFile(this.stagingFile, 'utf8'));
    if (staging === undefined || !isStagingPath(staging)) return undefined;
    return (await ifExists(staging, () => lstat(staging)))?.isDirectory() ? staging : undefined;
  }
}

/** Removes a folder with all that is in it. Errors: FileError. */
export function removeTree(folder: string): Promise<void> {
  return onDisk(folder, () => rm(folder, { recursive: true, force: true }));
}

/** Archives are unpacked again from what was received of them. */
async function removeUnpacked(staging: string): Promise<void> {
  const entries = (await ifExists(staging, () => readdir(staging, { withFileTypes: true }))) ?? [];
  for (const entry of entries)
    if (entry.isDirectory() && !isLayout(entry.name)) await removeTree(path.join(staging, entry.name));
}

const isLayout = (name: string) => name === KEPT_LAYOUT;

/** What is kept of a staging folder: its files, and all of a layout. */
async function sizeOfFiles(folder: string, isKept: (name: string) => boolean = isLayout): Promise<number> {
  const entries = (await ifExists(folder, () => readdir(folder, { withFileTypes: true }))) ?? [];
  let sizeBytes = 0;
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isFile()) sizeBytes += (await ifExists(file, () => lstat(file)))?.size ?? 0;
    else if (entry.isDirectory() && isKept(entry.name)) sizeBytes += await sizeOfFiles(file, () => true);
  }
  return sizeBytes;
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCodeOf(error) !== 'EXDEV') await onDisk(to, () => Promise.reject(error as Error));
    await onDisk(to, () => cp(from, to, { recursive: true, errorOnExist: true, force: false }));
    await removeTree(from);
  }
}
