import type { Progress, ProgressItem } from '../oci/progress';

/** Adds up what moves in several places and tells the whole each time. */
export class ByteMeter {
  private doneBytes = 0;
  private totalBytes = 0;
  private readBytes = 0;
  private bytesToRead = 0;

  constructor(private readonly onProgress: ((progress: Progress) => void) | undefined) {}

  /** The amount of work, as known now. */
  expect(totalBytes: number): void {
    this.totalBytes = totalBytes;
  }

  /** The amount of reading before anything is sent; it is a phase of its own. */
  expectReading(totalBytes: number): void {
    this.bytesToRead = totalBytes;
  }

  /** Counts the reading of one content; what it returns takes the bytes that were read. */
  reading(name: string, totalBytes: number, current: string): (deltaBytes: number) => void {
    let itemBytes = 0;
    return (deltaBytes) => {
      itemBytes += deltaBytes;
      this.readBytes += deltaBytes;
      const { doneBytes, readBytes, bytesToRead } = this;
      const item = { name, doneBytes: itemBytes, totalBytes };
      const reading = { doneBytes: readBytes, totalBytes: bytesToRead };
      this.onProgress?.({ doneBytes, totalBytes: this.totalBytes, current, item, reading });
    };
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
