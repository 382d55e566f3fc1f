import { annotationKeys } from '../../oci/annotations';
import type { Annotations, Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { orderedDescriptor, parseDescriptor } from '../../oci/manifest';
import { mediaTypes } from '../../oci/mediaTypes';

/** The largest index.json that is read, in bytes: about 200,000 tags. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** One entry of index.json. `raw` is kept as found, so that members unknown here survive a rewrite. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** `org.opencontainers.image.ref.name`. */
  readonly tag?: string;
  readonly raw: Fields;
}

/**
 * One state of index.json; every change gives a new one. One entry a tag, and one without a tag for a manifest that
 * has none. Spec: image-spec v1.1.1 image-layout.md, "index.json file".
 */
export class IndexSnapshot {
  private readonly byTag = new Map<string, IndexEntry>();
  private readonly byDigest = new Map<Digest, IndexEntry>();

  private constructor(
    private readonly document: Fields,
    readonly entries: readonly IndexEntry[],
    private readonly unusable: readonly unknown[],
  ) {
    for (const entry of entries) {
      if (entry.tag !== undefined) this.byTag.set(entry.tag, entry);
      if (!this.byDigest.has(entry.descriptor.digest)) this.byDigest.set(entry.descriptor.digest, entry);
    }
  }

  /** The state of a layout in which nothing was written yet. */
  static readonly empty = new IndexSnapshot({ schemaVersion: 2, mediaType: mediaTypes.ociIndex }, [], []);

  /** Reads index.json; `where` names it in errors. Errors: InvalidContentError. */
  static parse(text: string, where: string): IndexSnapshot {
    const document = parseObject(text, where);
    const { manifests = [] } = document;
    if (manifests !== null && !Array.isArray(manifests)) {
      throw new InvalidContentError(where, '"manifests" is not a list');
    }
    const read = ((manifests ?? []) as readonly unknown[]).map((raw) => readEntry(raw) ?? { unusable: raw });
    return new IndexSnapshot(
      document,
      read.filter((entry): entry is IndexEntry => 'descriptor' in entry),
      read.flatMap((entry) => ('unusable' in entry ? [entry.unusable] : [])),
    );
  }

  /** True when there are entries that cannot be used here, e.g. with an unknown digest algorithm. */
  get hasUnusable(): boolean {
    return this.unusable.length > 0;
  }

  /** Compact JSON. */
  encode(): string {
    return JSON.stringify({
      ...this.document,
      manifests: [...this.entries.map(({ raw }) => raw), ...this.unusable],
    });
  }

  findTag(tag: string): Descriptor | undefined {
    return this.byTag.get(tag)?.descriptor;
  }

  findDigest(digest: Digest): Descriptor | undefined {
    return this.byDigest.get(digest)?.descriptor;
  }

  /** Each manifest once, in the order of the file. */
  manifests(): readonly Descriptor[] {
    return [...this.byDigest.values()].map(({ descriptor }) => descriptor);
  }

  /** Tags in the order of their bytes. */
  tags(): readonly string[] {
    return [...this.byTag.keys()].sort();
  }

  /** The state in which a manifest is listed, untagged unless it has tags already. */
  withManifest(descriptor: Descriptor): IndexSnapshot {
    if (this.byDigest.has(descriptor.digest)) return this;
    return this.with([...this.entries, newEntry(descriptor)]);
  }

  /** The state in which `tag` points at `descriptor`; what it pointed at before stays listed. */
  withTag(tag: string, descriptor: Descriptor): IndexSnapshot {
    const current = this.findTag(tag);
    if (current?.digest === descriptor.digest) return this;
    const kept = this.withoutTag(tag).entries.filter(
      (entry) => entry.tag !== undefined || entry.descriptor.digest !== descriptor.digest,
    );
    return this.with([...kept, newEntry(descriptor, tag)]);
  }

  /** The state without `tag`; its manifest stays listed. */
  withoutTag(tag: string): IndexSnapshot {
    if (!this.byTag.has(tag)) return this;
    const others = this.entries.filter((entry) => entry.tag !== tag);
    const listed = new Set(others.map(({ descriptor }) => descriptor.digest));
    const bared = this.entries.filter((entry) => entry.tag === tag && !listed.has(entry.descriptor.digest));
    return this.with([...others, ...bared.map(untagged)]);
  }

  /** The state without a manifest and every tag on it. */
  withoutManifest(digest: Digest): IndexSnapshot {
    if (!this.byDigest.has(digest)) return this;
    return this.with(this.entries.filter((entry) => entry.descriptor.digest !== digest));
  }

  private with(entries: readonly IndexEntry[]): IndexSnapshot {
    return new IndexSnapshot(this.document, entries, this.unusable);
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

/** Undefined for an entry that cannot be used here, e.g. with an unknown digest algorithm. */
function readEntry(raw: unknown): IndexEntry | undefined {
  try {
    const descriptor = parseDescriptor(raw, 'the entry');
    const tag = descriptor.annotations?.[annotationKeys.refName];
    return { descriptor, raw: raw as Fields, ...(tag && { tag }) };
  } catch {
    return undefined;
  }
}

function newEntry(descriptor: Descriptor, tag?: string): IndexEntry {
  const annotations = {
    ...withoutName(descriptor.annotations),
    ...(tag !== undefined && { [annotationKeys.refName]: tag }),
  };
  const ordered = orderedDescriptor({ ...descriptor, annotations });
  return { descriptor: ordered, raw: { ...ordered }, ...(tag !== undefined && { tag }) };
}

function untagged({ descriptor, raw }: IndexEntry): IndexEntry {
  const annotations = withoutName(descriptor.annotations);
  const named = Object.keys(annotations).length > 0;
  const kept = Object.fromEntries(Object.entries(raw).filter(([key]) => key !== 'annotations'));
  const bared = named ? { ...kept, annotations } : kept;
  return { descriptor: parseDescriptor(bared, descriptor.digest), raw: bared };
}

function withoutName(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== annotationKeys.refName));
}
