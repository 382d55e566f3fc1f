/** A transfer that was kept: `record` is the JSON that `save` was given, undefined when it cannot be read. */
export interface KeptTransfer {
  readonly id: string;
  readonly record: unknown;
  /** Content received and not yet in its place. */
  readonly keptBytes: number;
  readonly changedAtMs: number;
  /** A living process, this one or that of another window, works on it. */
  readonly isRunning: boolean;
}

/** A transfer while this process works on it. Errors of each: FileError. */
export interface OpenTransfer {
  readonly id: string;
  save(record: unknown): Promise<void>;
  /** It stopped before its end; it can be opened again. */
  close(): Promise<void>;
  /** It is through: nothing is kept of it. */
  remove(): Promise<void>;
}

/** What is kept while cleaning up. */
export interface TransferLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}
