import type { Progress, ProgressItem } from '../oci/progress';

/** Adds up what moves in several places and tells the whole each time. */
export class ByteMeter {
  private doneBytes = 0;
  private totalBytes = 0;

  constructor(private readonly onProgress: ((progress: Progress) => void) | undefined) {}

  /** The amount of work, as known now. */
  expect(totalBytes: number): void {
    this.totalBytes = totalBytes;
  }

  /** More work came to light. */
  expectMore(moreBytes: number): void {
    this.totalBytes += moreBytes;
  }

  /** `deltaBytes` is negative when a transfer starts again. */
  add(deltaBytes: number, current: string, item?: ProgressItem): void {
    this.doneBytes += deltaBytes;
    const { doneBytes, totalBytes } = this;
    this.onProgress?.({ doneBytes, totalBytes, current, ...(item && { item }) });
  }

  /** Counts one content of `totalBytes`; what it returns takes the bytes that moved. */
  item(name: string, totalBytes: number, current: string): (deltaBytes: number) => void {
    let doneBytes = 0;
    return (deltaBytes) => {
      doneBytes += deltaBytes;
      this.add(deltaBytes, current, { name, doneBytes, totalBytes });
    };
  }
}
