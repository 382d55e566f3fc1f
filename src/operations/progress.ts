/** How far an operation is, in bytes over the whole. `totalBytes` is corrected once sizes are known. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** What is going on, e.g. `Reading notes.txt`. */
  readonly current?: string;
}

/** Adds up what moves in several places and tells the whole each time. */
export class ByteMeter {
  private doneBytes = 0;
  private totalBytes = 0;

  constructor(private readonly onProgress: ((progress: Progress) => void) | undefined) {}

  /** The amount of work, as known now. */
  expect(totalBytes: number): void {
    this.totalBytes = totalBytes;
  }

  /** `deltaBytes` is negative when a transfer starts again. */
  add(deltaBytes: number, current: string): void {
    this.doneBytes += deltaBytes;
    this.onProgress?.({ doneBytes: this.doneBytes, totalBytes: this.totalBytes, current });
  }
}
