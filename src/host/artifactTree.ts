import type { Digest } from '../oci/digest';
import type { Reference } from '../oci/reference';

/** The sidebar as commands see it. */
export interface ArtifactTree {
  /** Shows a row's children anew, or everything. `row` is what a command was called with. */
  refresh(row?: unknown): void;
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
  /** Opens the sidebar at what refers to a manifest. `row` is the manifest's row where the command came from one. */
  revealReferrer(subject: Reference, digest: Digest, row?: unknown): Promise<void>;
}
