import type { TagOrder } from '../host/listChoices';
import type { TagDates } from './tagDates';
import { sortTags } from './tagOrder';

/** What of a list is shown, and in which order. */
export interface ListView {
  /** See `matchesFilter`. */
  readonly filter?: string | undefined;
  readonly order: TagOrder;
  readonly hidesDigestTags: boolean;
}

/** Tags under which clients keep lists of referrers, and cosign its signatures. Spec: distribution-spec v1.1.1, "Referrers Tag Schema". */
const DIGEST_TAG = /^(?:sha256-[0-9a-f]{64}|sha512-[0-9a-f]{64,128})(?:\.[a-z]+)?$/;

/** The names that match the filter, as the registry lists them. */
export function shownRepositories(names: readonly string[], { filter }: ListView): readonly string[] {
  return names.filter((name) => matchesFilter(name, filter));
}

/** The tags that match the filter, in the chosen order; `dates` are those of an order by date. */
export function shownTags(tags: readonly string[], view: ListView, dates?: TagDates): readonly string[] {
  return sortTags(wantedTags(tags, view), view.order, dates);
}

/** The tags that match the filter, as the registry lists them. */
export function wantedTags(tags: readonly string[], view: ListView): readonly string[] {
  const hidden = (tag: string) => view.hidesDigestTags && DIGEST_TAG.test(tag);
  return tags.filter((tag) => matchesFilter(tag, view.filter) && !hidden(tag));
}

/**
 * True when a name has the text in it, whatever the case. A text with `*` stands for the whole name: `v1.*` begins
 * with `v1.`.
 */
export function matchesFilter(name: string, filter = ''): boolean {
  const parts = filter.toLowerCase().split('*');
  const text = name.toLowerCase();
  if (parts.length === 1) return text.includes(filter.toLowerCase());
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return from + last.length <= text.length;
}
