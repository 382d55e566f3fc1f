import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { mediaTypes } from '../../oci/mediaTypes';
import { EntryTable } from './entryTable';
import { encodeEntry, readEntry, type IndexEntry } from './indexEntry';

/** The largest index.json that is read, in bytes: about 200,000 tags. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** One state of index.json, which never changes. Spec: image-spec v1.1.1 image-layout.md, "index.json file". */
export class IndexSnapshot {
  private constructor(
    private readonly document: Fields,
    /** Only read: `IndexDraft` changes a copy. */
    readonly table: EntryTable,
    private readonly unusable: readonly unknown[],
  ) {}

  /** The state of a layout in which nothing was written yet. */
  static readonly empty = new IndexSnapshot(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] },
    EntryTable.of([]),
    [],
  );

  /** Reads index.json; `where` names it in errors. Errors: InvalidContentError. */
  static parse(text: string, where: string): IndexSnapshot {
    const document = parseObject(text, where);
    const { manifests = [] } = document;
    if (manifests !== null && !Array.isArray(manifests)) {
      throw new InvalidContentError(where, '"manifests" is not a list');
    }
    const read = ((manifests ?? []) as readonly unknown[]).map((raw) => readEntry(raw) ?? { unusable: raw });
    return new IndexSnapshot(
      { ...document, manifests: [] },
      EntryTable.of(read.filter((entry): entry is IndexEntry => 'descriptor' in entry)),
      read.flatMap((entry) => ('unusable' in entry ? [entry.unusable] : [])),
    );
  }

  /** The state of the same document with these entries, which belong to it from now on. */
  withTable(table: EntryTable): IndexSnapshot {
    return new IndexSnapshot(this.document, table, this.unusable);
  }

  /** True when there are entries that cannot be used here, e.g. with an unknown digest algorithm. */
  get hasUnusable(): boolean {
    return this.unusable.length > 0;
  }

  /** True when no manifest is listed. */
  get isEmpty(): boolean {
    return this.table.size === 0;
  }

  /** Compact JSON. */
  encode(): string {
    const entries = [...this.table.entries()].map(encodeEntry);
    const list = [...entries, ...this.unusable.map((raw) => JSON.stringify(raw))].join(',');
    const members = Object.entries(this.document).map(([name, value]) =>
      name === 'manifests' ? `"manifests":[${list}]` : `${JSON.stringify(name)}:${JSON.stringify(value)}`,
    );
    return `{${members.join(',')}}`;
  }

  findTag(tag: string): Descriptor | undefined {
    return this.table.tagged(tag).at(-1)?.descriptor;
  }

  findDigest(digest: Digest): Descriptor | undefined {
    return this.table.ofDigest(digest)[0]?.descriptor;
  }

  /** True when a tag points at a manifest. */
  isTagged(digest: Digest): boolean {
    return this.table.ofDigest(digest).some(({ tag }) => tag !== undefined);
  }

  /** Each manifest once, in the order of the file. */
  manifests(): readonly Descriptor[] {
    const byDigest = new Map<Digest, Descriptor>();
    for (const { descriptor } of this.table.entries()) {
      if (!byDigest.has(descriptor.digest)) byDigest.set(descriptor.digest, descriptor);
    }
    return [...byDigest.values()];
  }

  /** Tags in the order of their bytes. */
  tags(): readonly string[] {
    return [...this.table.tags()].sort();
  }
}

function parseObject(text: string, where: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidContentError(where, 'it is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidContentError(where, 'it is not a JSON object');
  }
  return value as Fields;
}
