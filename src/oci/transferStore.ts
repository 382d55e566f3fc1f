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

/** The one folder in a staging folder that is kept: an OCI layout, of which each blob is there whole or not at all. */
export const KEPT_LAYOUT = 'layout';

/** Where a staging folder comes from and goes when what it is for is continued after it stopped. Errors: FileError. */
export interface StagingKeeper {
  /** Makes the hidden folder inside `root`, with what an earlier try received; resolves with its path. */
  bring(root: string): Promise<string>;
  /** It stopped before its end: takes the folder away. */
  keep(staging: string): Promise<void>;
}

/** A transfer while this process works on it. Errors of each: FileError. */
export interface OpenTransfer extends StagingKeeper {
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

/** Transfers that can be continued, on this machine; see `targets/transfers`. Errors of each: FileError. */
export interface TransferKeep {
  /** Claims a transfer, which is made if it is new; undefined while somebody works on it. */
  open(id: string): Promise<OpenTransfer | undefined>;
  /** Another text whenever one was begun, claimed, left or removed; read at little cost. */
  mark(): Promise<string>;
  /** One alone; undefined when it is not there. */
  look(id: string): Promise<KeptTransfer | undefined>;
  /** The last changed first. */
  list(): Promise<readonly KeptTransfer[]>;
  /** False while somebody works on it. */
  remove(id: string): Promise<boolean>;
  clean(limits: TransferLimits): Promise<void>;
}
