import { setMaxListeners } from 'node:events';
import { laneCounts } from '../oci/lanes';

/** How a list of jobs is run: at most `concurrency` at once. */
export interface ConcurrencyOptions<T> {
  readonly concurrency: number;
  /** Jobs that wait for answers more than they move bytes: so many more of them run beside the others. */
  readonly isSmall?: (item: T) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` over `items`, results in their order. The first failure aborts the signal of the others and is thrown
 * when all have stopped, so that nothing runs on behind the caller's back. Errors: the abort reason, those of `work`.
 */
export async function eachConcurrently<T, R>(
  items: readonly T[],
  { concurrency, signal, isSmall = () => false }: ConcurrencyOptions<T>,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // Each job listens several times: what it reads, what it sends, the request itself.
  setMaxListeners(0, combined);
  const results: R[] = [];
  const ahead = new Ahead(items, isSmall);
  const failures: unknown[] = [];
  const lane = async (next: () => number | undefined) => {
    for (let index = next(); index !== undefined && !combined.aborted; index = next())
      results[index] = await work(items[index] as T, combined);
  };
  const lanes = (count: number, next: () => number | undefined) =>
    Array.from({ length: Math.max(0, Math.min(count, items.length)) }, () =>
      lane(next).catch((error: unknown) => {
        failures.push(error);
        stop.abort();
      }),
    );
  const { any, small } = laneCounts(concurrency);
  await Promise.all([...lanes(any, () => ahead.next()), ...lanes(small, () => ahead.nextSmall())]);
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}

/** The indexes of items that nobody took yet, in their order. */
class Ahead {
  private readonly small: number[] = [];
  private readonly large: number[] = [];

  constructor(items: readonly unknown[], isSmall: (item: never) => boolean) {
    items.forEach((item, index) => (isSmall(item as never) ? this.small : this.large).push(index));
    this.small.reverse();
    this.large.reverse();
  }

  next(): number | undefined {
    const [small = Infinity, large = Infinity] = [this.small.at(-1), this.large.at(-1)];
    return small < large ? this.small.pop() : this.large.pop();
  }

  nextSmall(): number | undefined {
    return this.small.pop();
  }
}
