import { untilAborted } from '../oci/untilAborted';
import type { PlainJob } from '../host/progress';
import { PAGE_SIZE } from './openLists';
import type { PagedList } from './pagedList';

/** How far a search reads on before it asks to be told to. */
const MAX_PAGES = 100;
/** The most that registries give at once. */
const SEARCHED_PAGE_SIZE = 1000;

export interface SearchOptions extends PlainJob {
  readonly matches: (name: string) => boolean;
  /** Called when more was found than before, and at the end. */
  readonly onHits: () => void;
}

/**
 * Reads a list of names on until a page of hits came to light, the list or its bound is reached, or it is cancelled;
 * what was read stays in the list. Errors: those of the list.
 */
export async function searchList(
  list: PagedList<unknown>,
  { matches, onHits, signal, report }: SearchOptions,
): Promise<void> {
  const count = () => list.entries.filter((name) => matches(String(name))).length;
  let hits = count();
  const goal = hits + PAGE_SIZE;
  for (let page = 0; page < MAX_PAGES && list.hasMore && hits < goal; page++) {
    signal.throwIfAborted();
    const before = hits;
    await untilAborted(list.more(SEARCHED_PAGE_SIZE), signal);
    hits = count();
    report(`${hits} found in ${list.entries.length}`);
    if (hits > before) onHits();
  }
  onHits();
}
