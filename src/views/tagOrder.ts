import type { SemVer } from 'semver';
import compareBuild from 'semver/functions/compare-build';
import parse from 'semver/functions/parse';
import type { TagOrder } from '../host/listChoices';
import type { TagDates } from './tagDates';

let names: Intl.Collator | undefined;

/** A tag with its version, where it has one. */
interface Versioned {
  readonly tag: string;
  readonly version: SemVer | null;
}

/**
 * Tags in an order. By version, those that are no version come last, by name; by date those without. Spec: semver 2.0.0,
 * "11. Precedence".
 */
export function sortTags(
  tags: readonly string[],
  order: TagOrder,
  dates: TagDates = new Map(),
): readonly string[] {
  if (order === 'registry') return tags;
  if (order === 'name') return tags.toSorted(byName);
  if (order === 'date') {
    const dateOf = (tag: string) => dates.get(tag) ?? -Infinity;
    return tags.toSorted((a, b) => dateOf(b) - dateOf(a) || byName(a, b));
  }
  const versioned = tags.map((tag) => ({ tag, version: versionOf(tag) }));
  return versioned.sort(newestFirst).map(({ tag }) => tag);
}

/** A `v` before it is left aside; helm writes the `+` of a version as `_`, which no tag can have. */
function versionOf(tag: string): SemVer | null {
  return parse(tag.replace('_', '+'), { loose: true });
}

function newestFirst(a: Versioned, b: Versioned): number {
  if (a.version && b.version) return compareBuild(b.version, a.version, true) || byName(a.tag, b.tag);
  if (a.version || b.version) return a.version ? -1 : 1;
  return byName(a.tag, b.tag);
}

/** Made when it is needed: the first one reads tables of languages, for which no start should wait. */
function byName(a: string, b: string): number {
  names ??= new Intl.Collator('en', { numeric: true });
  return names.compare(a, b);
}
