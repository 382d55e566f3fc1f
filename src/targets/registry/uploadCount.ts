import type { TransferOptions } from '../../oci/target';

/** What an upload counted so far, for when less than that arrived. */
export class UploadCount {
  private countedBytes = 0;

  constructor(private readonly onBytes: TransferOptions['onBytes']) {}

  readonly add = (deltaBytes: number): void => {
    this.countedBytes += deltaBytes;
    if (deltaBytes !== 0) this.onBytes?.(deltaBytes);
  };

  correct(bytes: number): void {
    this.add(bytes - this.countedBytes);
  }
}
