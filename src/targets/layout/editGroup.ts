import { IndexDraft } from './indexDraft';
import type { IndexSnapshot } from './indexSnapshot';

/** One change of index.json. It goes into the file together with others; what one of its parts throws leaves it out alone. */
export interface IndexEdit {
  /** Runs first, beside those of the others, while nothing else changes the layout. `now` is the state before the group. */
  readonly prepare?: (now: IndexSnapshot) => Promise<void>;
  /** Changes the draft, one edit behind the other; it throws before it changes anything, or not at all. */
  readonly apply: (draft: IndexDraft) => void;
  /** Runs once `next` is on disk, with all edits of the group in it, still while nothing else changes the layout. */
  readonly finish?: (next: IndexSnapshot) => Promise<void>;
}

/** How many edits go together: enough for what runs at once, and few enough for their files to be open at once. */
const MAX_EDITS = 256;

/** Edits that wait for the lock of one index.json, and share one write of it. */
export class EditGroup {
  private readonly members: Member[] = [];
  private readonly abandoned = new AbortController();
  private isClosed = false;

  /** True while an edit can still join. */
  get isOpen(): boolean {
    return !this.isClosed && !this.signal.aborted && this.members.length < MAX_EDITS;
  }

  /** How many edits have joined. */
  get size(): number {
    return this.members.length;
  }

  /** Aborted when each of its edits was cancelled before the group had the lock. */
  get signal(): AbortSignal {
    return this.abandoned.signal;
  }

  /** Adds an edit; resolves when it is on disk. An abort counts until the group has the lock. */
  join(edit: IndexEdit, signal?: AbortSignal): Promise<void> {
    const member = new Member(edit);
    this.members.push(member);
    const abort = () => this.leave(member, signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return member.done.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** Puts all of them into one new state and writes it; to be called with the lock. Errors: those of `write`. */
  async commit(now: IndexSnapshot, write: (next: IndexSnapshot) => Promise<void>): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.members.map((member) => member.attempt(() => member.edit.prepare?.(now))));
    const draft = new IndexDraft(now);
    for (const member of this.members) await member.attempt(() => member.edit.apply(draft));
    const next = draft.snapshot();
    if (next !== now) await write(next);
    for (const member of this.members) await member.attempt(() => member.edit.finish?.(next));
  }

  /** Resolves those that did not fail by themselves. */
  succeed(): void {
    for (const { resolve } of this.members) resolve();
  }

  /** Fails all of them. */
  fail(reason: unknown): void {
    for (const member of this.members) member.fail(reason);
  }

  private leave(member: Member, reason: unknown): void {
    if (this.isClosed) return;
    member.fail(reason);
    if (this.members.every(({ isOut }) => isOut)) this.abandoned.abort(reason);
  }
}

class Member {
  /** True when it failed or was cancelled; nothing more of it is run. */
  isOut = false;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  private readonly reject: (reason: unknown) => void;

  constructor(readonly edit: IndexEdit) {
    let settle: [() => void, (reason: unknown) => void] = [() => undefined, () => undefined];
    this.done = new Promise((resolve, reject) => (settle = [resolve, reject]));
    [this.resolve, this.reject] = settle;
  }

  async attempt(part: () => Promise<void> | void): Promise<void> {
    if (this.isOut) return;
    try {
      await part();
    } catch (error) {
      this.fail(error);
    }
  }

  fail(reason: unknown): void {
    this.isOut = true;
    this.reject(reason);
  }
}
