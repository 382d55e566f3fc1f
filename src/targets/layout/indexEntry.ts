import { annotationKeys } from '../../oci/annotations';
import type { Annotations, Descriptor } from '../../oci/descriptor';
import { orderedDescriptor, parseDescriptor } from '../../oci/manifest';

type Fields = Readonly<Record<string, unknown>>;

/** One entry of index.json. `raw` is kept as found, so that members unknown here survive a rewrite. */
export interface IndexEntry {
  readonly descriptor: Descriptor;
  /** `org.opencontainers.image.ref.name`. */
  readonly tag?: string;
  readonly raw: Fields;
}

const texts = new WeakMap<IndexEntry, string>();

/** Reads an entry; undefined for one that cannot be used here, e.g. with an unknown digest algorithm. */
export function readEntry(raw: unknown): IndexEntry | undefined {
  try {
    const descriptor = parseDescriptor(raw, 'the entry');
    const tag = descriptor.annotations?.[annotationKeys.refName];
    return { descriptor, raw: raw as Fields, ...(tag && { tag }) };
  } catch {
    return undefined;
  }
}

/** Makes the entry of a manifest, with a tag or without. */
export function newEntry(descriptor: Descriptor, tag?: string): IndexEntry {
  const annotations = {
    ...withoutName(descriptor.annotations),
    ...(tag !== undefined && { [annotationKeys.refName]: tag }),
  };
  const ordered = orderedDescriptor({ ...descriptor, annotations });
  return { descriptor: ordered, raw: { ...ordered }, ...(tag !== undefined && { tag }) };
}

/** Makes an entry's like without its tag. */
export function untagged({ descriptor, raw }: IndexEntry): IndexEntry {
  const annotations = withoutName(descriptor.annotations);
  const named = Object.keys(annotations).length > 0;
  const kept = Object.fromEntries(Object.entries(raw).filter(([key]) => key !== 'annotations'));
  const bared = named ? { ...kept, annotations } : kept;
  return { descriptor: parseDescriptor(bared, descriptor.digest), raw: bared };
}

/** Encodes an entry as compact JSON; the text is kept, since index.json is written again for each group of changes. */
export function encodeEntry(entry: IndexEntry): string {
  const known = texts.get(entry);
  if (known !== undefined) return known;
  const text = JSON.stringify(entry.raw);
  texts.set(entry, text);
  return text;
}

function withoutName(annotations: Annotations = {}): Annotations {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== annotationKeys.refName));
}
