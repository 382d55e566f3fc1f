import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import type { EntryTable } from './entryTable';
import { newEntry, untagged } from './indexEntry';
import type { IndexSnapshot } from './indexSnapshot';

/**
 * The next state of index.json while it is being made: one entry a tag, and one without a tag for a manifest that has
 * none. Each method says whether it changed anything.
 */
export class IndexDraft {
  private table: EntryTable | undefined;

  constructor(private readonly base: IndexSnapshot) {}

  /** The state that it has become; the one it began with when nothing changed. */
  snapshot(): IndexSnapshot {
    return this.table ? this.base.withTable(this.table) : this.base;
  }

  /** The manifest that `tag` points at. */
  findTag(tag: string): Digest | undefined {
    return this.now.tagged(tag).at(-1)?.descriptor.digest;
  }

  /** Lists a manifest, untagged unless it has tags already. */
  list(descriptor: Descriptor): boolean {
    if (this.now.ofDigest(descriptor.digest).length > 0) return false;
    this.changed().add(newEntry(descriptor));
    return true;
  }

  /** Points `tag` at a manifest; the one that it pointed at before stays listed. */
  setTag(tag: string, descriptor: Descriptor): boolean {
    if (this.findTag(tag) === descriptor.digest) return false;
    this.removeTag(tag);
    const table = this.changed();
    table.removeDigest(descriptor.digest, 'untagged');
    table.add(newEntry(descriptor, tag));
    return true;
  }

  /** Removes `tag`; its manifest stays listed. */
  removeTag(tag: string): boolean {
    const gone = this.now.tagged(tag);
    if (gone.length === 0) return false;
    const table = this.changed();
    table.removeTag(tag);
    for (const entry of gone)
      if (table.ofDigest(entry.descriptor.digest).length === 0) table.add(untagged(entry));
    return true;
  }

  /** Removes a manifest and every tag on it. */
  removeManifest(digest: Digest): boolean {
    if (this.now.ofDigest(digest).length === 0) return false;
    this.changed().removeDigest(digest, 'all');
    return true;
  }

  private get now(): EntryTable {
    return this.table ?? this.base.table;
  }

  private changed(): EntryTable {
    this.table ??= this.base.table.copy();
    return this.table;
  }
}
