import { lstat, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '../../oci/descriptor';
import { isDigest, type Digest } from '../../oci/digest';
import { ConflictError, InvalidContentError } from '../../oci/errors';
import type { TransferOptions, WaitOptions } from '../../oci/target';
import { onDisk } from '../folder/fileError';
import { IndexDraft } from './indexDraft';
import type { IndexSnapshot } from './indexSnapshot';
import type { LockedWork, WriteIndex } from './layoutIndex';
import type { LayoutStore } from './layoutStore';
import { Reachable, type StoredBlob } from './reachable';
import { SetAside } from './setAside';
import { unlessMissing } from './systemError';
import { untaggedManifests } from './untaggedManifests';

/**
 * How long a blob that nothing refers to is left alone after it was written or claimed: a push sends its manifest last.
 * A push that takes longer between a blob and its manifest, and lost that blob, is refused by name.
 */
export const GRACE_MS = 60 * 60 * 1000;

const MAX_TRIES = 5;

/** Content of a layout that nothing refers to. */
export interface Unused {
  readonly blobs: readonly StoredBlob[];
  /** Blobs that stay: a push may count on them. */
  readonly young: readonly StoredBlob[];
  /** Manifests that have no tag, and that nothing with a tag needs. They stay, unless an age was given for them. */
  readonly untagged: readonly Descriptor[];
}

/** How old content has to be, in milliseconds. */
export interface UnusedAges {
  /** Blobs since they were written or claimed. */
  readonly graceMs?: number;
  /** Manifests since they were written, claimed or lost their tag; without it they stay. */
  readonly untaggedMs?: number;
}

/** What was found, and the state of index.json that goes with it. */
interface Found extends Unused {
  readonly next: IndexSnapshot;
}

/**
 * Finds and removes what nothing in a layout refers to, beside others that read and write it. A layout of which
 * something is not understood is left whole. What others write meanwhile is safe: manifests are listed under the lock
 * that is held here, and a blob that somebody claims goes back.
 */
export class UnusedBlobs {
  private readonly reachable: Reachable;
  private readonly aside: SetAside;

  constructor(
    private readonly store: LayoutStore,
    private readonly ages: UnusedAges = {},
  ) {
    this.reachable = new Reachable(store);
    this.aside = new SetAside(store.root, store.blobs);
  }

  /**
   * Finds what `remove` would remove, as things are. The last try holds the lock: a layout in which manifests are being
   * removed all the time is sound. Errors: InvalidContentError, FileError; ConflictError when other tools, which know no
   * lock, change index.json each time.
   */
  async find(options: WaitOptions = {}): Promise<Unused> {
    const { blobs, young, untagged } = await this.findInTries(options);
    return { blobs, young, untagged };
  }

  /**
   * Removes them; `onBytes` gets the size of each blob. When it stops before its end, what is not removed yet stays.
   * Errors: InvalidContentError, FileError; ConflictError when others claim something of it each time.
   */
  async remove(options: TransferOptions = {}): Promise<Unused> {
    // Once without the lock, so that the manifests are read already when others have to wait.
    await this.find(options);
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const work: LockedWork<Unused | undefined> = (now, write) => this.sweep({ now, write }, options);
      const removed = await this.store.index.locked(work, options);
      if (removed) return removed;
    }
    throw this.conflict();
  }

  private async findInTries(options: WaitOptions): Promise<Found> {
    for (let tries = 1; tries < MAX_TRIES; tries += 1) {
      const found = await this.findUnlessChanged(await this.store.index.read(), this.sinceMs(), options);
      if (found) return found;
    }
    const look = (now: IndexSnapshot) => this.findUnlessChanged(now, this.sinceMs(), options);
    const found = await this.store.index.locked(look, options);
    if (found) return found;
    throw this.conflict();
  }

  private sinceMs(): number {
    return Date.now() - (this.ages.graceMs ?? GRACE_MS);
  }

  private conflict(): ConflictError {
    return new ConflictError(`Others were just writing to "${this.store.root}"`);
  }

  /** Nothing is deleted before all of it was set aside and looked at again. Undefined when somebody counts on some of it. */
  private async sweep(index: LockedIndex, options: TransferOptions): Promise<Unused | undefined> {
    await this.aside.putBack();
    const sinceMs = this.sinceMs();
    const found = await this.findUnlessChanged(index.now, sinceMs, options);
    if (!found) return undefined;
    const { blobs, young, untagged } = found;
    try {
      if (!(await this.setAside(found, index, { sinceMs, options }))) return undefined;
      for (const { digest, sizeBytes } of blobs) {
        options.signal?.throwIfAborted();
        await this.aside.drop(digest);
        options.onBytes?.(sizeBytes);
      }
      return { blobs, young, untagged };
    } finally {
      await this.aside.putBack();
    }
  }

  /** False, with manifests listed as before, when somebody wants some of it. */
  private async setAside(
    { next, blobs }: Found,
    { now, write }: LockedIndex,
    { sinceMs, options }: { readonly sinceMs: number; readonly options: WaitOptions },
  ): Promise<boolean> {
    let isTaken = false;
    // Out of the list first: a listed manifest has its file at each moment.
    if (next !== now) await write(next);
    try {
      for (const { digest } of blobs) {
        options.signal?.throwIfAborted();
        await this.aside.take(digest);
      }
      isTaken = !(await this.isWanted(next, sinceMs));
      return isTaken;
    } finally {
      if (!isTaken) await this.listAgain(next, { now, write });
    }
  }

  /** Files come back before their entries. What another tool wrote meanwhile is left as it is. */
  private async listAgain(next: IndexSnapshot, { now, write }: LockedIndex): Promise<void> {
    await this.aside.putBack();
    if (next !== now && (await this.store.index.read()) === next) await write(now);
  }

  /** Other tools write index.json without a lock. */
  private async isWanted(expected: IndexSnapshot, sinceMs: number): Promise<boolean> {
    return (await this.aside.holdsYounger(sinceMs)) || (await this.store.index.read()) !== expected;
  }

  /** Undefined when index.json changed meanwhile: content that was missing may have gone with its entry. */
  private async findUnlessChanged(
    now: IndexSnapshot,
    sinceMs: number,
    options: WaitOptions,
  ): Promise<Found | undefined> {
    options.signal?.throwIfAborted();
    try {
      return await this.findIn(now, sinceMs, options);
    } catch (error) {
      if ((await this.store.index.read()) === now) throw error;
      return undefined;
    }
  }

  private async findIn(now: IndexSnapshot, sinceMs: number, options: WaitOptions): Promise<Found> {
    await this.refuseOthers();
    const { untaggedMs } = this.ages;
    const untaggedSinceMs = untaggedMs === undefined ? sinceMs : Math.min(sinceMs, Date.now() - untaggedMs);
    const reachedNow = await this.reachable.from(now, options);
    const source = { blobs: this.store.blobs, reachable: this.reachable };
    const untagged = await untaggedManifests(now, untaggedSinceMs, source, options);
    const next = untaggedMs === undefined ? now : without(now, untagged);
    const reached = next === now ? reachedNow : await this.reachable.from(next, options);
    const unreached = await this.blobsExcept(reached, options);
    const young = unreached.filter(({ writtenMs }) => writtenMs >= sinceMs);
    await this.reachable.add(reached, young, options);
    const blobs = unreached.filter(({ digest }) => !reached.has(digest));
    return { blobs, young, untagged, next };
  }

  /** Errors: InvalidContentError for what is no layout, or not a whole one. */
  private async refuseOthers(): Promise<void> {
    const { root } = this.store;
    if (!(await this.store.exists())) throw new InvalidContentError(`"${root}"`, 'it is no OCI image layout');
    if (!(await unlessMissing(stat(path.join(root, 'index.json')))))
      throw new InvalidContentError(`"${root}"`, 'it has no index.json');
  }

  private async blobsExcept(
    reached: ReadonlySet<Digest>,
    { signal }: WaitOptions,
  ): Promise<readonly (StoredBlob & { readonly writtenMs: number })[]> {
    const top = path.join(this.store.root, 'blobs');
    const found = [];
    for (const algorithm of await namesIn(top)) {
      for (const hex of await namesIn(path.join(top, algorithm))) {
        signal?.throwIfAborted();
        const digest = `${algorithm}:${hex}`;
        if (!isDigest(digest) || reached.has(digest)) continue;
        const state = await unlessMissing(lstat(this.store.blobs.pathOf(digest)));
        if (state?.isFile()) found.push({ digest, sizeBytes: state.size, writtenMs: state.mtimeMs });
      }
    }
    return found;
  }
}

/** index.json while its lock is held. */
interface LockedIndex {
  readonly now: IndexSnapshot;
  readonly write: WriteIndex;
}

function without(now: IndexSnapshot, manifests: readonly Descriptor[]): IndexSnapshot {
  const draft = new IndexDraft(now);
  for (const { digest } of manifests) draft.removeManifest(digest);
  return draft.snapshot();
}

/** Errors: InvalidContentError for a link: what it leads to may belong to other layouts too. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const state = await onDisk(folder, () => unlessMissing(lstat(folder)));
  if (state?.isSymbolicLink()) throw new InvalidContentError(`"${folder}"`, 'it is a link to another folder');
  return state?.isDirectory() ? onDisk(folder, () => readdir(folder)) : [];
}
