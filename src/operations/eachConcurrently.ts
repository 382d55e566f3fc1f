import { setMaxListeners } from 'node:events';

/** How a list of jobs is run: at most `concurrency` at once. */
export interface ConcurrencyOptions {
  readonly concurrency: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` over `items`, results in their order. The first failure aborts the signal of the others and is thrown
 * when all have stopped, so that nothing runs on behind the caller's back. Errors: the abort reason, those of `work`.
 */
export async function eachConcurrently<T, R>(
  items: readonly T[],
  { concurrency, signal }: ConcurrencyOptions,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  // Each job listens several times: what it reads, what it sends, the request itself.
  setMaxListeners(0, combined);
  const results: R[] = [];
  const ahead = items.entries();
  const failures: unknown[] = [];
  const lane = async () => {
    for (const [index, item] of ahead) {
      if (combined.aborted) return;
      results[index] = await work(item, combined);
    }
  };
  const guarded = () =>
    lane().catch((error: unknown) => {
      failures.push(error);
      stop.abort();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(concurrency, items.length)) }, guarded));
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}
