import type { Progress } from '../oci/progress';

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
