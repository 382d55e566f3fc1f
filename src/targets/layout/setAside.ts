import { link, mkdir, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { algorithmOf, hexOf, isDigest, type Digest } from '../../oci/digest';
import { onDisk } from '../folder/fileError';
import type { BlobFolder } from './blobFolder';
import { hasSystemCode, unlessMissing } from './systemError';

/**
 * Blobs of a layout on their way out, in its hidden folder `.unused`. From there they go back as long as it is not sure
 * that nobody counts on them, also those that a killed process left. To be used while the layout's index is locked.
 */
export class SetAside {
  private readonly folder: string;

  constructor(
    root: string,
    private readonly blobs: BlobFolder,
  ) {
    this.folder = path.join(root, '.unused');
  }

  /** Takes a blob away; one that is gone already is passed over. Errors: FileError. */
  async take(digest: Digest): Promise<void> {
    const target = this.pathOf(digest);
    await onDisk(target, async () => {
      await mkdir(path.dirname(target), { recursive: true });
      await unlessMissing(rename(this.blobs.pathOf(digest), target));
    });
  }

  /** True when one of them was claimed at `sinceMs` or later. */
  async holdsYounger(sinceMs: number): Promise<boolean> {
    for (const digest of await this.list()) {
      const found = await unlessMissing(stat(this.pathOf(digest)));
      if (found && found.mtimeMs >= sinceMs) return true;
    }
    return false;
  }

  /** Puts all back where they were. Errors: FileError. */
  async putBack(): Promise<void> {
    for (const digest of await this.list())
      await onDisk(this.blobs.pathOf(digest), () => this.putBackOne(digest));
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Deletes one. Errors: FileError. */
  async drop(digest: Digest): Promise<void> {
    const file = this.pathOf(digest);
    await onDisk(file, () => unlessMissing(unlink(file)));
  }

  /** One that was written again meanwhile is younger, and stays. */
  private async putBackOne(digest: Digest): Promise<void> {
    const file = this.pathOf(digest);
    try {
      await link(file, this.blobs.pathOf(digest));
    } catch (error) {
      // A file system without hard links.
      if (!hasSystemCode(error, 'EEXIST')) return rename(file, this.blobs.pathOf(digest));
    }
    await unlink(file);
  }

  private async list(): Promise<readonly Digest[]> {
    const found: Digest[] = [];
    for (const algorithm of (await unlessMissing(readdir(this.folder))) ?? []) {
      const names = (await unlessMissing(readdir(path.join(this.folder, algorithm)))) ?? [];
      found.push(...names.map((hex) => `${algorithm}:${hex}`).filter(isDigest));
    }
    return found;
  }

  private pathOf(digest: Digest): string {
    return path.join(this.folder, algorithmOf(digest), hexOf(digest));
  }
}
