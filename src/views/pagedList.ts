/** A list that arrives page by page: no more is asked for than is shown. */
export class PagedList<T> {
  private readonly shown: T[] = [];
  private readonly controller = new AbortController();
  private iterator: AsyncIterator<T> | undefined;
  /** How large the pages are that the registry is asked for. */
  private askedSize = 0;
  private finished = false;

  /** `open` starts the list, from its beginning, in pages of a size; `pageSize` is how many entries `more` adds. */
  constructor(
    private readonly open: (signal: AbortSignal, pageSize: number) => AsyncIterable<T>,
    private readonly pageSize: number,
  ) {}

  get entries(): readonly T[] {
    return this.shown;
  }

  /** True while entries may be left: a server says that a list has ended only when it is asked on. */
  get hasMore(): boolean {
    return !this.finished;
  }

  /**
   * Reads the next page; a larger one than before, behind what is there, has the list read anew. After a failure the list
   * starts over. Errors: those of the list.
   */
  async more(pageSize = this.pageSize): Promise<void> {
    const goal = this.shown.length + pageSize;
    try {
      if (pageSize > this.askedSize && this.shown.length > 0) await this.readAnew(pageSize);
      const names = (this.iterator ??= this.opened(pageSize));
      while (!this.finished && this.shown.length < goal) this.take(await names.next());
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

  private opened(pageSize: number): AsyncIterator<T> {
    this.askedSize = pageSize;
    return this.open(this.controller.signal, pageSize)[Symbol.asyncIterator]();
  }

  private async readAnew(pageSize: number): Promise<void> {
    await this.iterator?.return?.();
    const names = this.opened(pageSize);
    for (let known = 0; known < this.shown.length; known++) await names.next();
    this.iterator = names;
  }

  private take(result: IteratorResult<T>): void {
    if (result.done) this.finished = true;
    else this.shown.push(result.value);
  }
}
