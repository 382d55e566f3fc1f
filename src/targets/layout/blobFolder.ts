import {
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  unlink,
  type FileHandle,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { algorithmOf, hexOf, VerifyingStream, type Digest } from '../../oci/digest';
import type { TransferOptions } from '../../oci/target';
import { asFileError, onDisk } from '../folder/fileError';
import { isLeftBehind, ownFileName } from '../processMark';
import { appendChunks } from './appendChunks';
import type { StoredBlobs } from './layoutSource';
import { hasSystemCode, unlessMissing } from './systemError';

const READ_AHEAD_BYTES = 1024 * 1024;

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

  /** Writes bytes whose digest was computed from them. Errors: FileError. */
  async writeBytes(digest: Digest, bytes: Uint8Array): Promise<void> {
    const temporary = await this.newStagingPath();
    try {
      const file = await open(temporary, 'wx');
      await file.writeFile(bytes).finally(() => file.close());
      await this.adopt(temporary, digest);
    } catch (error) {
      await rm(temporary, { force: true });
      throw asFileError(this.pathOf(digest), error);
    }
  }

  /** Moves a verified file of the same file system to a blob's name. */
  async adopt(file: string, digest: Digest): Promise<void> {
    const target = this.pathOf(digest);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(file, target);
  }

  /** Takes a blob from a file elsewhere: a hard link where the file system can, else a copy. */
  async linkFrom(file: string, digest: Digest): Promise<void> {
    const target = this.pathOf(digest);
    await mkdir(path.dirname(target), { recursive: true });
    try {
      await link(file, target);
    } catch (error) {
      if (hasSystemCode(error, 'EEXIST')) return;
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

  private async newStagingPath(): Promise<string> {
    await onDisk(this.staging, () => mkdir(this.staging, { recursive: true }));
    return path.join(this.staging, ownFileName('blob'));
  }
}

/**
 * Removes from a staging folder what processes of this machine have left that are gone, and of others what is older than
 * `maxAgeMs` at `nowMs`.
 */
export async function removeStale(folder: string, nowMs: number, maxAgeMs: number): Promise<void> {
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const file = path.join(folder, name);
    const found = await unlessMissing(stat(file));
    if (found && (isLeftBehind(name) || nowMs - found.mtimeMs > maxAgeMs))
      await rm(file, { recursive: true, force: true });
  }
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
