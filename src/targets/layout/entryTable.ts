import type { Digest } from '../../oci/digest';
import type { IndexEntry } from './indexEntry';

/**
 * Entries of index.json in the order of the file, found by tag and by digest. A change costs what it touches, and a copy
 * little: the lists inside are never changed, only replaced.
 */
export class EntryTable {
  private constructor(
    private readonly all: Set<IndexEntry>,
    private readonly byTag: Map<string, readonly IndexEntry[]>,
    private readonly byDigest: Map<Digest, readonly IndexEntry[]>,
  ) {}

  /** Builds the table of a file's entries. */
  static of(entries: readonly IndexEntry[]): EntryTable {
    const tagged = entries.filter(({ tag }) => tag !== undefined);
    return new EntryTable(
      new Set(entries),
      groupBy(tagged, ({ tag = '' }) => tag),
      groupBy(entries, ({ descriptor }) => descriptor.digest),
    );
  }

  /** Copies it; a change to one is none to the other. */
  copy(): EntryTable {
    return new EntryTable(new Set(this.all), new Map(this.byTag), new Map(this.byDigest));
  }

  /** All of them, in order. */
  entries(): Iterable<IndexEntry> {
    return this.all;
  }

  /** How many there are. */
  get size(): number {
    return this.all.size;
  }

  /** The tags, each once, in no order. */
  tags(): Iterable<string> {
    return this.byTag.keys();
  }

  /** The entries with a tag: one, unless another tool wrote more; the last one counts. */
  tagged(tag: string): readonly IndexEntry[] {
    return this.byTag.get(tag) ?? [];
  }

  /** The entries of a manifest, tagged or not. */
  ofDigest(digest: Digest): readonly IndexEntry[] {
    return this.byDigest.get(digest) ?? [];
  }

  /** Adds an entry behind the others. */
  add(entry: IndexEntry): void {
    const { tag, descriptor } = entry;
    this.all.add(entry);
    this.byDigest.set(descriptor.digest, [...this.ofDigest(descriptor.digest), entry]);
    if (tag !== undefined) this.byTag.set(tag, [...this.tagged(tag), entry]);
  }

  /** Removes the entries with a tag. */
  removeTag(tag: string): void {
    const gone = this.tagged(tag);
    this.byTag.delete(tag);
    for (const entry of gone) this.all.delete(entry);
    for (const digest of new Set(gone.map(({ descriptor }) => descriptor.digest)))
      keep(this.byDigest, digest, (entry) => entry.tag !== tag);
  }

  /** Removes the entries of a manifest: all, or those alone that have no tag. */
  removeDigest(digest: Digest, which: 'all' | 'untagged'): void {
    const gone = this.ofDigest(digest).filter(({ tag }) => which === 'all' || tag === undefined);
    for (const entry of gone) this.all.delete(entry);
    keep(this.byDigest, digest, (entry) => which === 'untagged' && entry.tag !== undefined);
    for (const tag of new Set(gone.map((entry) => entry.tag)))
      if (tag !== undefined) keep(this.byTag, tag, (entry) => entry.descriptor.digest !== digest);
  }
}

function groupBy<K>(
  entries: readonly IndexEntry[],
  keyOf: (entry: IndexEntry) => K,
): Map<K, readonly IndexEntry[]> {
  const groups = new Map<K, IndexEntry[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group) group.push(entry);
    else groups.set(keyOf(entry), [entry]);
  }
  return groups;
}

function keep<K>(
  groups: Map<K, readonly IndexEntry[]>,
  key: K,
  isKept: (entry: IndexEntry) => boolean,
): void {
  const kept = (groups.get(key) ?? []).filter(isKept);
  if (kept.length > 0) groups.set(key, kept);
  else groups.delete(key);
}
