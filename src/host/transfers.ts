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
import { savedTransfer, type NewTransfer, type SavedTransfer, type TransferKind } from './transferRecord';

/** `interrupted` ended with its process; `elsewhere` runs in another window. */
export type TransferState = 'running' | 'paused' | 'failed' | 'interrupted' | 'elsewhere';

/** One transfer as it is now. */
export interface TransferStatus extends Omit<SavedTransfer, 'state'> {
  readonly id: string;
  readonly state: TransferState;
  /** Content that is on this disk and not in its place yet. */
  readonly keptBytes: number;
  readonly changedAtMs: number;
}

/** What a transfer works with. Without a keeper, nothing is left to continue. */
export interface TransferWay extends Job {
  readonly keeper?: StagingKeeper;
}

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
const TELL_EVERY_MS = 1000;
/** How often is looked after what runs in another window: that window may be gone, or this one reloaded. */
const LOOK_AGAIN_MS = 2000;

/** What moves content: the transfers that run in this window, and those that stopped before their end. */
export class Transfers implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly running = new Map<string, Running>();
  private stopped: readonly TransferStatus[] = [];
  /** The mark of what was last listed. */
  private mark = '';
  private toldAtMs = 0;
  private isDisposed = false;
  private lookingAgain: NodeJS.Timeout | undefined;

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
    const { store } = this.options;
    const read = async () => ({ mark: await store.mark(), kept: await store.list() });
    const found = await this.guarded('Transfers were not read', read);
    if (found) {
      this.mark = found.mark;
      this.stopped = found.kept.flatMap((each) => statusOf(each) ?? []);
    }
    this.lookAgain();
    await vscode.commands.executeCommand('setContext', SHOWN_KEY, this.all.length > 0);
    this.changed.fire();
  }

  dispose(): void {
    this.isDisposed = true;
    clearTimeout(this.lookingAgain);
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
      await this.save(opened, { ...running.status, ...this.endOf(error) });
      await this.guarded('The transfer is still claimed', () => opened.close());
      throw error;
    } finally {
      this.running.delete(opened.id);
      await this.refresh();
    }
  }

  private lookAgain(): void {
    clearTimeout(this.lookingAgain);
    if (this.isDisposed || !this.stopped.some(({ state }) => state === 'elsewhere')) return;
    this.lookingAgain = setTimeout(() => void this.look(), LOOK_AGAIN_MS);
  }

  /** All are read again only when something changed, and cleaned when a window that ran one is gone. */
  private async look(): Promise<void> {
    const { store } = this.options;
    const elsewhere = this.stopped.filter(({ state }) => state === 'elsewhere');
    const read = async () => ({
      mark: await store.mark(),
      now: await Promise.all(elsewhere.map(({ id }) => store.look(id))),
    });
    const found = await this.guarded('Transfers were not read', read);
    if (!found) return this.lookAgain();
    if (found.mark !== this.mark) return this.refresh();
    if (!found.now.every((each) => each?.isRunning)) return this.start();
    this.moved(found.now.flatMap((each) => (each && statusOf(each)) ?? []));
    this.lookAgain();
  }

  /** Shows how far those are that run in other windows. */
  private moved(now: readonly TransferStatus[]): void {
    const known = new Map(now.map((status) => [status.id, status]));
    const isStill = this.stopped.every(
      ({ id, keptBytes }) => (known.get(id)?.keptBytes ?? keptBytes) === keptBytes,
    );
    this.stopped = this.stopped.map((status) => known.get(status.id) ?? status);
    if (!isStill) this.changed.fire();
  }

  /** What the end of its window stopped is interrupted, as if that had been killed: nobody paused it. */
  private endOf(error: unknown): Pick<TransferStatus, 'state' | 'message'> {
    if (this.isDisposed) return { state: 'running' };
    return isAbort(error) ? { state: 'paused' } : { state: 'failed', message: messageOf(error) };
  }

  private progressed(running: Running, { doneBytes, totalBytes }: Progress): void {
    running.status = { ...running.status, doneBytes, totalBytes };
    if (Date.now() - this.toldAtMs < TELL_EVERY_MS) return;
    this.toldAtMs = Date.now();
    this.changed.fire();
  }

  private async save(opened: OpenTransfer, status: TransferStatus): Promise<void> {
    await this.guarded('The transfer cannot be continued', () => opened.save(status));
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

function idOf({ kind, job, identity = [job] }: NewTransfer): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...identity]))
    .digest('hex')
    .slice(0, 32);
}

function newStatus(id: string, { kind, title, detail, job, totalBytes = 0 }: NewTransfer): TransferStatus {
  const start = { state: 'running', doneBytes: 0, keptBytes: 0, changedAtMs: Date.now() } as const;
  return { id, kind, title, ...(detail && { detail }), job, totalBytes, ...start };
}

/** Those whose files say how far they are, even where the process was killed. */
const RECEIVING: readonly TransferKind[] = ['pull', 'save', 'pullTask'];

function statusOf({
  id,
  record,
  keptBytes,
  changedAtMs,
  isRunning,
}: KeptTransfer): TransferStatus | undefined {
  const saved = savedTransfer(record);
  if (!saved) return undefined;
  const state = isRunning ? 'elsewhere' : saved.state === 'running' ? 'interrupted' : saved.state;
  const doneBytes = RECEIVING.includes(saved.kind) ? keptBytes : saved.doneBytes;
  return { ...saved, id, state, doneBytes, keptBytes, changedAtMs };
}
