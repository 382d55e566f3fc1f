/** How far an operation is, in bytes over the whole. `totalBytes` is corrected once sizes are known. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What is going on, e.g. `Reading notes.txt`. */
  readonly current?: string;
}
