import type { Reader, WaitOptions } from '../oci/target';
import { isUnusableContent } from '../oci/unusableContent';
import { createdOf } from '../operations/createdOf';
import { eachConcurrently } from '../operations/eachConcurrently';

/** Tags with the time at which what they point at was made, in milliseconds since 1970, where it says so. */
export type TagDates = ReadonlyMap<string, number | undefined>;

/** How many tags are looked at: each costs a request or more. */
const MAX_DATED = 500;
const CONCURRENCY = 5;

/** Adds the dates of tags to those that are known; no tag is read twice. Errors: those of the source. */
export async function readTagDates(
  source: Reader,
  tags: readonly string[],
  { known, ...wait }: WaitOptions & { readonly known: Map<string, number | undefined> },
): Promise<TagDates> {
  const fresh = tags.filter((tag) => !known.has(tag)).slice(0, Math.max(0, MAX_DATED - known.size));
  await eachConcurrently(fresh, { concurrency: CONCURRENCY, ...wait }, async (tag, signal) => {
    known.set(tag, await dateOf(source, tag, { signal }));
  });
  return known;
}

/** A tag that went meanwhile, or whose manifest cannot be used, has no date. */
async function dateOf(source: Reader, tag: string, wait: WaitOptions): Promise<number | undefined> {
  try {
    return await createdOf(source, tag, wait);
  } catch (error) {
    if (isUnusableContent(error)) return undefined;
    throw error;
  }
}
