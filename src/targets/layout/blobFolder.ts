import {
  copyFile,
  link,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  utimes,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { algorithmOf, hexOf, VerifyingStream, type Digest } from '../../oci/digest';
import type { TransferOptions } from '../../oci/target';
import { asFileError, onDisk } from '../folder/fileError';
import { ownFileName } from '../processMark';
import { appendChunks } from './appendChunks';
import type { StoredBlobs } from './layoutSource';
import { hasSystemCode, unlessMissing } from './systemError';

const READ_AHEAD_BYTES = 1024 * 1024;

/** A small blob that is on disk and not under its name yet. */
export interface StagedBlob {
  /** Gives it its name, or writes it again where somebody removed what was there. Errors: FileError. */
  adopt(): Promise<void>;
  /** Removes what was not adopted. */
  discard(): Promise<void>;
}

/**
 * `blobs/<algorithm>/<hex>` of a layout. A blob appears under its name whole or not at all: everything is written to
 * the staging folder first and renamed. Spec: image-spec v1.1.1 image-layout.md, "Blobs".
 */
export class BlobFolder implements StoredBlobs {
  /** `staging` is on the file system of `root`. */
  constructor(
    private readonly root: string,
    private readonly staging: string,
  ) {}

  /** Where a blob is, whether it exists or not. Only a checked digest gets here, so the path stays inside. */
  pathOf(digest: Digest): string {
    return path.join(this.root, 'blobs', algorithmOf(digest), hexOf(digest));
  }

  /** Size in bytes; undefined when there is no such blob. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.pathOf(digest)));
    return found?.isFile() ? found.size : undefined;
  }

  /**
   * Size in bytes of a blob that is counted on from now on, as by a manifest that is still to come: its file becomes
   * young, and `UnusedBlobs` leaves young ones alone. Undefined when there is no such blob.
   */
  async claim(digest: Digest): Promise<number | undefined> {
    await unlessMissing(rejuvenate(this.pathOf(digest)));
    // Looked at behind it: a blob that was set aside before it became young is not there by now.
    return this.sizeOf(digest);
  }

  /** Opens a blob for reading; undefined when there is none. The caller closes the handle. */
  async open(digest: Digest): Promise<FileHandle | undefined> {
    return unlessMissing(open(this.pathOf(digest), 'r'));
  }

  async stream(digest: Digest): Promise<Readable | undefined> {
    return (await this.open(digest))?.createReadStream({ highWaterMark: READ_AHEAD_BYTES });
  }

  async readAll(digest: Digest): Promise<Buffer | undefined> {
    return unlessMissing(readFile(this.pathOf(digest)));
  }

  /** Writes a stream as the blob it must be. Errors: ContentMismatchError, FileError, and those of the stream. */
  async write(
    expected: { readonly digest: Digest; readonly size: number },
    content: Readable,
    options: TransferOptions = {},
  ): Promise<void> {
    const temporary = await this.newStagingPath();
    try {
      await receive(temporary, { expected, content, options });
      await this.adopt(temporary, expected.digest);
    } catch (error) {
      await rm(temporary, { force: true });
      throw options.signal?.aborted
        ? options.signal.reason
        : asFileError(this.pathOf(expected.digest), error);
    }
  }

  /** Writes bytes, whose digest was computed from them, beside their place unless the blob is there. Errors: FileError. */
  async stage(
    { digest, size }: { readonly digest: Digest; readonly size: number },
    bytes: Uint8Array,
  ): Promise<StagedBlob> {
    const isThere = async () => (await this.sizeOf(digest)) === size;
    let temporary = (await isThere()) ? undefined : await this.writeStaged(digest, bytes);
    return {
      adopt: async () => {
        if (!temporary && (await isThere())) return;
        const file = (temporary ??= await this.writeStaged(digest, bytes));
        await onDisk(this.pathOf(digest), () => this.place(file, digest));
        temporary = undefined;
      },
      discard: async () => {
        if (temporary) await rm(temporary, { force: true });
      },
    };
  }

  /** Moves a verified file of the same file system to a blob's name; it counts as new, however long ago it was written. */
  async adopt(file: string, digest: Digest): Promise<void> {
    await rejuvenate(file);
    await this.place(file, digest);
  }

  /** Takes a blob that was claimed where it is from a file elsewhere: a hard link where the file system can, else a copy. */
  async linkFrom(file: string, digest: Digest): Promise<void> {
    const target = this.pathOf(digest);
    await mkdir(path.dirname(target), { recursive: true });
    try {
      await link(file, target);
    } catch (error) {
      if (hasSystemCode(error, 'EEXIST') && (await this.claim(digest)) !== undefined) return;
      if (hasSystemCode(error, 'ENOENT')) throw error;
      const temporary = await this.newStagingPath();
      await copyFile(file, temporary);
      await this.adopt(temporary, digest);
    }
  }

  /** Removes a blob; false when there was none. */
  async remove(digest: Digest): Promise<boolean> {
    return (await unlessMissing(unlink(this.pathOf(digest)).then(() => true))) ?? false;
  }

  private async place(file: string, digest: Digest): Promise<void> {
    const target = this.pathOf(digest);
    await withFolder(path.dirname(target), () => rename(file, target));
  }

  private async writeStaged(digest: Digest, bytes: Uint8Array): Promise<string> {
    const temporary = path.join(this.staging, ownFileName('blob'));
    try {
      await withFolder(this.staging, () => writeFile(temporary, bytes, { flag: 'wx' }));
      return temporary;
    } catch (error) {
      await rm(temporary, { force: true });
      throw asFileError(this.pathOf(digest), error);
    }
  }

  private async newStagingPath(): Promise<string> {
    await onDisk(this.staging, () => mkdir(this.staging, { recursive: true }));
    return path.join(this.staging, ownFileName('blob'));
  }
}

/** Makes the folder that `work` needs when it is missing, which it seldom is. */
async function withFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw error;
    await mkdir(folder, { recursive: true });
    return work();
  }
}

/** Of a file of another user, or on a disk that is only read, the age stays what it is. */
async function rejuvenate(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch((error: unknown) => {
    if (!hasSystemCode(error, 'EPERM', 'EACCES', 'EROFS')) throw error;
  });
}

interface Reception {
  readonly expected: { readonly digest: Digest; readonly size: number };
  readonly content: Readable;
  readonly options: TransferOptions;
}

async function receive(target: string, { expected, content, options }: Reception): Promise<void> {
  const file = await open(target, 'wx');
  try {
    await pipeline(
      content,
      new VerifyingStream(expected, 'the source'),
      async (chunks: AsyncIterable<Buffer>) => {
        await appendChunks(file, chunks, {
          onBatch: (batch) => options.onBytes?.(batch.reduce((sum, { length }) => sum + length, 0)),
        });
      },
      options.signal ? { signal: options.signal } : {},
    );
  } finally {
    await file.close();
  }
}
