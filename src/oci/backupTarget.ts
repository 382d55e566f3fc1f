import type { Reader, TransferOptions, Writer } from './target';

/** Where a backup is written to: a folder, or an archive that appears whole when it is finished. */
export interface BackupTarget {
  readonly content: Reader & Writer;
  /** Puts the backup in its place. `onBytes` counts what is packed. Errors: FileError. */
  finish(options?: BackupFinish): Promise<void>;
  /** Removes or keeps what was written for an archive that is not to be now. Safe to call after `finish`. */
  discard(): Promise<void>;
}

/** `onSize` tells, before the first byte moves, how many bytes are to be packed. */
export interface BackupFinish extends TransferOptions {
  readonly onSize?: (sizeBytes: number) => void;
}
