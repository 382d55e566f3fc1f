import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { isAbort, messageOf } from '../oci/errors';
import type { Progress } from '../oci/progress';
import type {
  KeptTransfer,
  OpenTransfer,
  StagingKeeper,
  TransferKeep,
  TransferLimits,
} from '../oci/transferStore';
import type { Job } from './progress';

/** A push or pull that is about to start. `identity` tells whether another is the same one, begun before. */
export interface NewTransfer {
  readonly kind: 'pull' | 'push';
  readonly identity: readonly unknown[];
  /** From where or to where, for people. */
  readonly reference: string;
  /** Absolute; pulled into, or pushed from. */
  readonly folder: string;
  /** Bytes, where they are known beforehand. */
  readonly totalBytes?: number;
  /** As JSON, what it takes to start it again. */
  readonly job: unknown;
}

/** `interrupted` ended with its process; `elsewhere` runs in another window. */
export type TransferState = 'running' | 'paused' | 'failed' | 'interrupted' | 'elsewhere';

/** One push or pull as it is now. */
export interface TransferStatus extends Omit<NewTransfer, 'identity' | 'totalBytes'> {
  readonly id: string;
  readonly state: TransferState;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Content that is on this disk and not in its place yet. */
  readonly keptBytes: number;
  readonly changedAtMs: number;
  /** Why it failed. */
  readonly message?: string;
}

/** What a transfer works with. Without a keeper, nothing is left to continue. */
export interface TransferWay extends Job {
  readonly keeper?: StagingKeeper;
}

/** What is kept as JSON. */
type Saved = Omit<TransferStatus, 'id' | 'keptBytes' | 'changedAtMs'>;

interface Running {
  readonly controller: AbortController;
  status: TransferStatus;
}

export interface TransfersOptions {
  readonly store: TransferKeep;
  readonly limits: () => TransferLimits;
  readonly onFailure: (what: string, error: unknown) => void;
}

const SHOWN_KEY = 'ociArtifacts.hasTransfers';
const TELL_EVERY_MS = 500;

/** Pushes and pulls: those that run in this window, and those that stopped before their end. */
export class Transfers implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly running = new Map<string, Running>();
  private stopped: readonly TransferStatus[] = [];
  private toldAtMs = 0;

  constructor(private readonly options: TransfersOptions) {}

  /** Those that run first, then the last changed. */
  get all(): readonly TransferStatus[] {
    const running = [...this.running.values()].map(({ status }) => status);
    return [...running, ...this.stopped.filter(({ id }) => !this.running.has(id))];
  }

  /** Reads what earlier windows left, and removes what is past its limits. */
  async start(): Promise<void> {
    await this.guarded('Transfers were not cleaned', () => this.options.store.clean(this.options.limits()));
    await this.refresh();
  }

  /**
   * Runs a transfer so that it is listed and can be continued. Where its record cannot be kept, it runs all the same.
   * Errors: those of `work`.
   */
  async run<T>(transfer: NewTransfer, job: Job, work: (way: TransferWay) => Promise<T>): Promise<T> {
    const opened = await this.guarded('The transfer cannot be continued', () =>
      this.options.store.open(idOf(transfer)),
    );
    return opened ? this.runOpened(opened, transfer, { job, work }) : work(job);
  }

  /** Stops one that runs here; what it has is kept. */
  cancel(id: string): void {
    this.running.get(id)?.controller.abort();
  }

  /** Removes one that stopped, with its partial data; false while it runs. Errors: FileError. */
  async remove(id: string): Promise<boolean> {
    const isRemoved = await this.options.store.remove(id);
    await this.refresh();
    return isRemoved;
  }

  /** Reads the list again. */
  async refresh(): Promise<void> {
    const kept = await this.guarded('Transfers were not read', () => this.options.store.list());
    if (kept) this.stopped = kept.flatMap((each) => statusOf(each) ?? []);
    await vscode.commands.executeCommand('setContext', SHOWN_KEY, this.all.length > 0);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
    for (const { controller } of this.running.values()) controller.abort();
  }

  private async runOpened<T>(
    opened: OpenTransfer,
    transfer: NewTransfer,
    { job, work }: { readonly job: Job; readonly work: (way: TransferWay) => Promise<T> },
  ): Promise<T> {
    const running: Running = { controller: new AbortController(), status: newStatus(opened.id, transfer) };
    this.running.set(opened.id, running);
    await this.save(opened, running.status);
    void this.refresh();
    const signal = AbortSignal.any([job.signal, running.controller.signal]);
    const onProgress = (progress: Progress) => {
      job.onProgress(progress);
      this.progressed(running, progress);
    };
    try {
      const result = await work({ signal, onProgress, keeper: opened });
      await this.guarded('The transfer is still listed', () => opened.remove());
      return result;
    } catch (error) {
      await this.save(opened, { ...running.status, ...endOf(error) });
      await this.guarded('The transfer is still claimed', () => opened.close());
      throw error;
    } finally {
      this.running.delete(opened.id);
      await this.refresh();
    }
  }

  private progressed(running: Running, { doneBytes, totalBytes }: Progress): void {
    running.status = { ...running.status, doneBytes, totalBytes };
    if (Date.now() - this.toldAtMs < TELL_EVERY_MS) return;
    this.toldAtMs = Date.now();
    this.changed.fire();
  }

  private async save(opened: OpenTransfer, status: TransferStatus): Promise<void> {
    const { kind, reference, folder, job, state, doneBytes, totalBytes, message } = status;
    const saved: Saved = {
      kind,
      reference,
      folder,
      job,
      state,
      doneBytes,
      totalBytes,
      ...(message && { message }),
    };
    await this.guarded('The transfer cannot be continued', () => opened.save(saved));
  }

  /** What is kept is a help: where it cannot be, that is logged and nothing else suffers. */
  private async guarded<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.options.onFailure(what, error);
      return undefined;
    }
  }
}

function idOf({ kind, identity }: NewTransfer): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...identity]))
    .digest('hex')
    .slice(0, 32);
}

function newStatus(
  id: string,
  { kind, reference, folder, job, totalBytes = 0 }: NewTransfer,
): TransferStatus {
  const start = { state: 'running', doneBytes: 0, keptBytes: 0, changedAtMs: Date.now() } as const;
  return { id, kind, reference, folder, job, totalBytes, ...start };
}

function endOf(error: unknown): Pick<TransferStatus, 'state' | 'message'> {
  return isAbort(error) ? { state: 'paused' } : { state: 'failed', message: messageOf(error) };
}

/** Undefined for a record that another version wrote, or that is not whole. */
function statusOf({
  id,
  record,
  keptBytes,
  changedAtMs,
  isRunning,
}: KeptTransfer): TransferStatus | undefined {
  if (!isSaved(record)) return undefined;
  const state = isRunning ? 'elsewhere' : record.state === 'running' ? 'interrupted' : record.state;
  const doneBytes = record.kind === 'pull' ? keptBytes : record.doneBytes;
  return { ...record, id, state, doneBytes, keptBytes, changedAtMs };
}

function isSaved(record: unknown): record is Saved {
  if (typeof record !== 'object' || record === null) return false;
  const { kind, reference, folder, totalBytes, state } = record as Partial<Record<keyof Saved, unknown>>;
  return (
    (kind === 'pull' || kind === 'push') &&
    typeof reference === 'string' &&
    typeof folder === 'string' &&
    typeof totalBytes === 'number' &&
    (state === 'running' || state === 'paused' || state === 'failed')
  );
}
