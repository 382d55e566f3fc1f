import { setMaxListeners } from 'node:events';
import type { WaitOptions } from '../../oci/target';

/**
 * Results in the order of the items; `width` of them are worked on at once, ahead of the one that is wanted. What is
 * under way is aborted when nobody wants more. Errors: those of `work`, at their place.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  { width, signal }: WaitOptions & { readonly width: number },
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void> {
  const stop = new AbortController();
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  setMaxListeners(0, combined);
  const ahead: Promise<R>[] = [];
  let next = 0;
  try {
    while (next < items.length || ahead.length > 0) {
      while (next < items.length && ahead.length < width) {
        const result = work(items[next++] as T, combined);
        // A failure that is not wanted yet is no unhandled one.
        result.catch(() => undefined);
        ahead.push(result);
      }
      yield (await ahead.shift()) as R;
    }
  } finally {
    stop.abort();
  }
}
