import { isAbort } from '../oci/errors';

/** The beginning of a list: what came of it, and why no more did. */
export interface ListedSoFar<T> {
  readonly entries: readonly T[];
  /** True where the list is longer than was asked for. */
  readonly more: boolean;
  /** Set where the list failed behind `entries`. */
  readonly failure?: { readonly error: unknown };
}

/** Reads at most `max` entries of a list, each once by its key. Errors: an abort; all else is `failure`. */
export async function listedSoFar<T>(
  list: AsyncIterable<T>,
  { max, keyOf = (entry) => entry }: { readonly max: number; readonly keyOf?: (entry: T) => unknown },
): Promise<ListedSoFar<T>> {
  const entries = new Map<unknown, T>();
  try {
    for await (const entry of list) {
      const key = keyOf(entry);
      if (entries.has(key)) continue;
      if (entries.size === max) return { entries: [...entries.values()], more: true };
      entries.set(key, entry);
    }
    return { entries: [...entries.values()], more: false };
  } catch (error) {
    if (isAbort(error)) throw error;
    return { entries: [...entries.values()], more: false, failure: { error } };
  }
}
