/**
 * How far an operation is, in bytes over the whole: of a push, those that were sent or found to be there. `totalBytes` is
 * corrected once sizes are known.
 */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What is going on, e.g. `Reading notes.txt`. */
  readonly current?: string;
  /** The one content that moved last, where one did. */
  readonly item?: ProgressItem;
  /** How far files are read for their digests, while that is what is going on. */
  readonly reading?: { readonly doneBytes: number; readonly totalBytes: number };
}

/** How far one blob or file is, in bytes. */
export interface ProgressItem {
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}
