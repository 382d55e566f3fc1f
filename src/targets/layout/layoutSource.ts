import type { Readable } from 'node:stream';
import type { Digest } from '../../oci/digest';
import type { IndexSnapshot } from './indexSnapshot';
import type { ManifestGraph } from './manifestGraph';

/** The blobs of a layout, unchecked, wherever they are kept. */
export interface StoredBlobs {
  /** Size in bytes; undefined when there is no such blob. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** The blob's bytes; undefined when there is none. The caller consumes or destroys the stream. */
  stream(digest: Digest): Promise<Readable | undefined>;
  /** A small blob whole; undefined when there is none. */
  readAll(digest: Digest): Promise<Buffer | undefined>;
  /** Where it is, for messages. */
  pathOf(digest: Digest): string;
}

/** index.json, read anew whenever it may have changed. */
export interface StoredIndex {
  read(): Promise<IndexSnapshot>;
}

/** What a layout is read from: a folder or an archive. `root` is for messages. */
export interface LayoutSource {
  readonly root: string;
  readonly blobs: StoredBlobs;
  readonly index: StoredIndex;
  readonly graph: ManifestGraph;
}
