import type { Digest } from '../oci/digest';
import type { Reference } from '../oci/reference';

/** The sidebar as commands see it. */
export interface ArtifactTree {
  /** Reads a row's children again, or everything. `row` is what a command was called with. */
  refresh(row?: unknown): void;
  /** Reads again what is in a registry, or in the layouts of a folder; the rows of others stay as they are. */
  refreshHost(host: string): void;
  /** Draws the registries and layouts that there are now: only those that changed are read again. */
  update(): void;
  /** Gives up on rows that have not arrived. `row` is their parent. */
  stopWaiting(row: unknown): void;
  /** Adds the next page below the row that a 'Load more…' row stands for. */
  loadMore(row: unknown): Promise<void>;
  /** What the list below a row is filtered by. */
  filterOf(row: unknown): string | undefined;
  /**
   * Shows only what matches below a registry's or repository's row, reading on behind a progress with Cancel until a
   * page of it is found. An empty text shows all again.
   */
  filter(row: unknown, text: string): Promise<void>;
  /** Opens the sidebar at a tag or repository, as far as it can be found in the pages that are shown. */
  reveal(reference: Reference): Promise<void>;
  /** Opens a registry in the sidebar. */
  revealRegistry(host: string): Promise<void>;
  /** Opens the sidebar at what refers to a manifest. `row` is the manifest's row where the command came from one. */
  revealReferrer(subject: Reference, digest: Digest, row?: unknown): Promise<void>;
}
