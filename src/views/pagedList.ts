/** A list that arrives page by page: no more is asked for than is shown. */
export class PagedList<T> {
  private readonly shown: T[] = [];
  private readonly controller = new AbortController();
  private iterator: AsyncIterator<T> | undefined;
  private finished = false;

  /** `open` starts the list, from its beginning; `pageSize` is how many entries `more` adds. */
  constructor(
    private readonly open: (signal: AbortSignal) => AsyncIterable<T>,
    private readonly pageSize: number,
  ) {}

  get entries(): readonly T[] {
    return this.shown;
  }

  /** True while entries may be left: a server says that a list has ended only when it is asked on. */
  get hasMore(): boolean {
    return !this.finished;
  }

  /** Reads the next page. After a failure the list starts over. Errors: those of the list. */
  async more(): Promise<void> {
    this.iterator ??= this.open(this.controller.signal)[Symbol.asyncIterator]();
    const goal = this.shown.length + this.pageSize;
    try {
      while (!this.finished && this.shown.length < goal) this.take(await this.iterator.next());
    } catch (error) {
      this.iterator = undefined;
      this.shown.length = 0;
      throw error;
    }
  }

  /** Ends the list: a request under way is cancelled. */
  dispose(): void {
    this.controller.abort();
  }

  private take(result: IteratorResult<T>): void {
    if (result.done) this.finished = true;
    else this.shown.push(result.value);
  }
}
