import type { TransferOptions } from './target';

/** A folder of which unused content can be removed: one OCI layout, or the local registry's folder of them. */
export interface ContentFolder {
  readonly kind: 'layout' | 'registry';
  /** Absolute path. */
  readonly folder: string;
}

/** Files, and their bytes together. */
export interface FileCount {
  readonly count: number;
  readonly sizeBytes: number;
}

/** What nothing refers to in one layout. */
export interface UnusedInLayout {
  /** The repository of a registry; the path of a layout. */
  readonly name: string;
  /** Blobs that go, or went. */
  readonly removable: FileCount;
  /** Blobs that stay for now: they are so new that a push may still count on them. */
  readonly young: FileCount;
  /**
   * Manifests without a tag that nothing with a tag needs: with `untaggedMs` those among `removable`, otherwise those that
   * stay because they are listed.
   */
  readonly untagged: FileCount;
  /** Why nothing of it can be removed. */
  readonly problem?: string;
}

/** What nothing refers to, and nobody works on, in a folder. */
export interface UnusedContent {
  readonly layouts: readonly UnusedInLayout[];
  /** Temporary files and uploads that nobody continued for a day. */
  readonly temporary: FileCount;
}

/** `onBytes` counts what was removed. */
export interface CollectOptions extends TransferOptions {
  /** Finds, and removes nothing. */
  readonly dryRun?: boolean;
  /** How old a blob has to be, in milliseconds; an hour by default. */
  readonly graceMs?: number;
  /**
   * Removes manifests too that have had no tag for so many milliseconds, unless something that stays refers to them or is
   * their subject. By default they stay, however old.
   */
  readonly untaggedMs?: number;
}

/** Removes unused content of a folder, and tells what it was. What has to stay, stays; why is in `problem`. */
export type CollectUnused = (place: ContentFolder, options?: CollectOptions) => Promise<UnusedContent>;
