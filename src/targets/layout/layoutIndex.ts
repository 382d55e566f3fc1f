import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InvalidContentError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { asFileError, onDisk } from '../folder/fileError';
import { EditGroup, type IndexEdit } from './editGroup';
import { withFileLock } from './fileLock';
import { IndexSnapshot, MAX_INDEX_BYTES } from './indexSnapshot';
import { unlessMissing } from './systemError';

/** How long a group waits behind one that had several edits: whoever was just answered is about to send the next. */
const GATHER_MS = 2;

/** Makes a state of index.json durable; to be called while the lock is held. Errors: FileError. */
export type WriteIndex = (next: IndexSnapshot) => Promise<void>;

/** Work with the present state of index.json, which nothing else changes meanwhile. */
export type LockedWork<T> = (now: IndexSnapshot, write: WriteIndex) => Promise<T>;

/**
 * index.json of a layout: read again whenever the file was replaced, changed by one at a time within this process and
 * among processes, and written by temporary file and rename. Edits that wait at the same time are written at once.
 */
export class LayoutIndex {
  private readonly path: string;
  private cached: { readonly signature: string; readonly snapshot: IndexSnapshot } | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private group: EditGroup | undefined;
  private releasedMs = 0;

  /** `staging` is a folder for temporary files on the file system of `root`. */
  constructor(
    private readonly root: string,
    private readonly staging: string,
  ) {
    this.path = path.join(root, 'index.json');
  }

  /** The present state; empty when there is no such file. Errors: InvalidContentError. */
  async read(): Promise<IndexSnapshot> {
    const file = await unlessMissing(open(this.path, 'r'));
    if (!file) return IndexSnapshot.empty;
    try {
      const { signature, sizeBytes } = await signatureOf(file);
      if (this.cached?.signature !== signature) {
        this.cached = { signature, snapshot: await this.parse(file, sizeBytes) };
      }
      return this.cached.snapshot;
    } finally {
      await file.close();
    }
  }

  /** Makes an edit, which is on disk when this resolves. Errors: FileError; those of the edit. */
  edit(edit: IndexEdit, { signal }: WaitOptions = {}): Promise<void> {
    const group = this.group?.isOpen ? this.group : this.newGroup(this.group);
    return group.join(edit, signal);
  }

  /** Runs `work` with the present state while nothing else changes the layout's index. Errors: FileError. */
  locked<T>(work: LockedWork<T>, options: WaitOptions = {}): Promise<T> {
    return this.inTurn(() => this.withLock(work, options));
  }

  /** Writes the present state, also where there is no file yet. Errors: FileError. */
  create(): Promise<void> {
    return this.locked((now, write) => write(now));
  }

  private newGroup(previous: EditGroup | undefined): EditGroup {
    const group = new EditGroup();
    this.group = group;
    const committed = this.inTurn(async () => {
      if (previous && previous.size > 1) await this.gather();
      await this.withLock((now, write) => group.commit(now, write), group);
    });
    committed.then(
      () => group.succeed(),
      (error: unknown) => group.fail(error),
    );
    return group;
  }

  /** Lets others join, and another process have the lock. */
  private async gather(): Promise<void> {
    const restMs = GATHER_MS - (performance.now() - this.releasedMs);
    if (restMs > 0) await delay(restMs);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async withLock<T>(work: LockedWork<T>, options: WaitOptions): Promise<T> {
    const lock = path.join(this.root, '.index.lock');
    const write: WriteIndex = (next) => this.write(next);
    try {
      return await withFileLock(lock, async () => work(await this.read(), write), options);
    } finally {
      this.releasedMs = performance.now();
    }
  }

  private async write(snapshot: IndexSnapshot): Promise<void> {
    await onDisk(this.staging, () => mkdir(this.staging, { recursive: true }));
    const temporary = path.join(this.staging, `index-${randomUUID()}`);
    try {
      const signature = await writeSynced(temporary, snapshot.encode());
      await rename(temporary, this.path);
      this.cached = { signature, snapshot };
    } catch (error) {
      await rm(temporary, { force: true });
      throw asFileError(this.path, error);
    }
  }

  private async parse(file: FileHandle, sizeBytes: number): Promise<IndexSnapshot> {
    if (sizeBytes > MAX_INDEX_BYTES) {
      throw new InvalidContentError(this.path, `it is larger than ${MAX_INDEX_BYTES} bytes`);
    }
    return IndexSnapshot.parse(await file.readFile('utf8'), this.path);
  }
}

async function writeSynced(path: string, text: string): Promise<string> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    // The one file that cannot be fetched again: it must survive a loss of power as well.
    await file.datasync();
    return (await signatureOf(file)).signature;
  } finally {
    await file.close();
  }
}

/** Tells one state of a file from another: each write makes a new file, so the inode alone nearly does. */
async function signatureOf(file: FileHandle): Promise<{ signature: string; sizeBytes: number }> {
  const { ino, size, mtimeNs } = await file.stat({ bigint: true });
  return { signature: `${ino} ${size} ${mtimeNs}`, sizeBytes: Number(size) };
}
