import { InvalidContentError, isAbort, NetworkError, RegistryError } from '../oci/errors';

/** The most entries that `more` reads which it has already, before it takes the list for an endless one. */
const MAX_REPEATS = 10_000;

/** Starts a list, from its beginning, in pages of a size; `onMissing` gets why a part of it is left out. */
export type OpenList<T> = (
  signal: AbortSignal,
  pageSize: number,
  onMissing: (error: unknown) => void,
) => AsyncIterable<T>;

/** Which entries are one and the same: those of equal keys. */
export interface EntryKey<T> {
  keyOf(entry: T): unknown;
}

/** What a list held before it was asked for again, and how many entries are wanted at once. */
export interface ListBefore<T> {
  readonly entries: readonly T[];
  readonly count: number;
}

/**
 * A list that arrives page by page: no more is asked for than is shown. What arrived stays, each entry once, whatever
 * happens later; `failure` and `missing` say what did not arrive.
 */
export class PagedList<T> {
  private readonly shown: T[] = [];
  private readonly keys = new Set<unknown>();
  private readonly controller = new AbortController();
  private iterator: AsyncIterator<T> | undefined;
  /** How large the pages are that the registry is asked for. */
  private askedSize = 0;
  private finished = false;
  private stopped: { readonly error: unknown } | undefined;
  private leftOut: unknown[] = [];
  private turn: Promise<void> | undefined;

  /** `pageSize` is how many entries `more` adds. */
  constructor(
    private readonly open: OpenList<T>,
    private readonly pageSize: number,
    private readonly by: EntryKey<T> = { keyOf: (entry) => entry },
    private readonly before: ListBefore<T> = { entries: [], count: 0 },
  ) {}

  /** What arrived; where the rest cannot be had for now, what was there before stands in for it. */
  get entries(): readonly T[] {
    if (!this.stopped || !isPassing(this.stopped.error)) return this.shown;
    return [...this.shown, ...this.before.entries.filter((entry) => !this.keys.has(this.by.keyOf(entry)))];
  }

  /** How many entries are wanted at first. */
  get wanted(): number {
    return this.before.count;
  }

  /** True while entries may be left: a server says that a list has ended only when it is asked on. */
  get hasMore(): boolean {
    return !this.finished;
  }

  /** Why the last `more` stopped early; undefined where it did not. */
  get failure(): { readonly error: unknown } | undefined {
    return this.stopped;
  }

  /** Why parts of the list are left out. */
  get missing(): readonly unknown[] {
    return this.leftOut;
  }

  /**
   * Reads the next page; a larger one than before, or one behind a failure, has the list read again from its beginning.
   * Calls take turns. Errors: those of the list; what came before stays.
   */
  more(pageSize = this.pageSize): Promise<void> {
    return this.inTurn(() => this.readTo(this.shown.length + pageSize, pageSize));
  }

  /** Reads on until so many entries are there, or the list ends. Errors: as `more`. */
  upTo(count: number): Promise<void> {
    return this.inTurn(() => this.readTo(count, this.pageSize));
  }

  /** Ends the list: a request under way is cancelled. */
  dispose(): void {
    this.controller.abort();
  }

  private inTurn(read: () => Promise<void>): Promise<void> {
    const work = this.turn ? this.turn.then(read) : read();
    const turn = work
      .catch(() => undefined)
      .then(() => {
        if (this.turn === turn) this.turn = undefined;
      });
    this.turn = turn;
    return work;
  }

  private async readTo(goal: number, pageSize: number): Promise<void> {
    if (this.finished || this.shown.length >= goal) return;
    try {
      if (this.iterator && pageSize > this.askedSize) await this.endReading();
      const names = (this.iterator ??= this.opened(pageSize));
      await this.readOn(names, goal);
      this.stopped = undefined;
    } catch (error) {
      this.iterator = undefined;
      if (!isAbort(error)) this.stopped = { error };
      throw error;
    }
  }

  private opened(pageSize: number): AsyncIterator<T> {
    this.askedSize = pageSize;
    this.leftOut = [];
    const note = (error: unknown) => this.leftOut.push(error);
    return this.open(this.controller.signal, pageSize, note)[Symbol.asyncIterator]();
  }

  private async endReading(): Promise<void> {
    await this.iterator?.return?.();
    this.iterator = undefined;
  }

  private async readOn(names: AsyncIterator<T>, goal: number): Promise<void> {
    let repeatsLeft = this.shown.length + MAX_REPEATS;
    while (!this.finished && this.shown.length < goal) {
      const result = await names.next();
      if (result.done) this.finished = true;
      else if (!this.take(result.value)) repeatsLeft -= 1;
      if (repeatsLeft < 0) throw new InvalidContentError('The list', 'it repeats what it gave before');
    }
  }

  /** False for an entry that is there already. */
  private take(entry: T): boolean {
    const key = this.by.keyOf(entry);
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    this.shown.push(entry);
    return true;
  }
}

/** A failure that says nothing about what is in the list. */
function isPassing(error: unknown): boolean {
  if (error instanceof RegistryError) return error.status >= 500 || error.status === 429;
  return error instanceof NetworkError || error instanceof InvalidContentError;
}
