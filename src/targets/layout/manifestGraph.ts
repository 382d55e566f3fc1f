import type { Descriptor } from '../../oci/descriptor';
import { verifyBytes, type Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES, parseUsable, type Manifest } from '../../oci/manifest';
import { isIndexType } from '../../oci/mediaTypes';
import { Pace } from '../../oci/pace';
import type { ListOptions } from '../../oci/target';
import type { StoredBlobs, StoredIndex } from './layoutSource';

/** How many manifests' links are remembered; beyond it the oldest are read again. */
const MAX_REMEMBERED = 20_000;

/** What a manifest points at, as far as finding manifests needs it. It never changes: a digest names it. */
interface Links {
  readonly subject?: Digest;
  readonly manifests: readonly Descriptor[];
}

/**
 * The manifests of a layout and how they hang together: those of index.json and those that only an index among them
 * names, as other tools write multi-platform images.
 */
export class ManifestGraph {
  private readonly remembered = new Map<Digest, Links>();

  constructor(
    private readonly index: StoredIndex,
    private readonly blobs: StoredBlobs,
  ) {}

  /** The bytes of a manifest; undefined when its file is missing. Errors: ContentMismatchError, InvalidContentError. */
  async readBytes({ digest, size }: Descriptor): Promise<Buffer | undefined> {
    if (size > MAX_MANIFEST_BYTES) {
      throw new InvalidContentError(`Manifest ${digest}`, `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
    }
    const actual = await this.blobs.sizeOf(digest);
    if (actual === undefined) return undefined;
    const bytes = actual === size ? await this.blobs.readAll(digest) : Buffer.alloc(0);
    if (bytes) verifyBytes(bytes, { digest, size }, this.blobs.pathOf(digest));
    return bytes;
  }

  /** The descriptor of a manifest that is listed, or that a listed index names, and whose file exists. */
  async find(digest: Digest): Promise<Descriptor | undefined> {
    if ((await this.blobs.sizeOf(digest)) === undefined) return undefined;
    const listed = (await this.index.read()).findDigest(digest);
    if (listed) return listed;
    for await (const descriptor of this.all()) if (descriptor.digest === digest) return descriptor;
    return undefined;
  }

  /** The manifests whose `subject` is this digest, with the manifest itself, in the order of their digests. */
  async *referrers(
    subject: Digest,
    { last = '', signal }: ListOptions = {},
  ): AsyncIterable<{ descriptor: Descriptor; manifest: Manifest }> {
    const found: Descriptor[] = [];
    const pace = new Pace(signal);
    for await (const descriptor of this.all()) {
      await pace.step();
      if (descriptor.digest > last && (await this.linksOf(descriptor)).subject === subject)
        found.push(descriptor);
    }
    for (const descriptor of found.sort((a, b) => (a.digest < b.digest ? -1 : 1))) {
      const bytes = await this.readBytes(descriptor);
      if (bytes) yield { descriptor, manifest: parseUsable(bytes, descriptor.mediaType) };
    }
  }

  /** Every manifest once: the listed first, since they are found without reading anything. */
  private async *all(): AsyncIterable<Descriptor> {
    const listed = (await this.index.read()).manifests();
    yield* listed;
    const seen = new Set(listed.map(({ digest }) => digest));
    const indexes = listed.filter(({ mediaType }) => isIndexType(mediaType));
    for (let parent = indexes.pop(); parent; parent = indexes.pop()) {
      for (const child of (await this.linksOf(parent)).manifests) {
        if (seen.has(child.digest)) continue;
        seen.add(child.digest);
        if (isIndexType(child.mediaType)) indexes.push(child);
        yield child;
      }
    }
  }

  private async linksOf(descriptor: Descriptor): Promise<Links> {
    const known = this.remembered.get(descriptor.digest);
    if (known) return known;
    const links = await this.readLinks(descriptor);
    if (links) this.remember(descriptor.digest, links);
    return links ?? { manifests: [] };
  }

  /** Undefined for a manifest that is missing or broken: it has no say in where others are found. */
  private async readLinks(descriptor: Descriptor): Promise<Links | undefined> {
    try {
      const bytes = await this.readBytes(descriptor);
      return bytes && linksIn(parseUsable(bytes, descriptor.mediaType));
    } catch {
      return undefined;
    }
  }

  private remember(digest: Digest, links: Links): void {
    if (this.remembered.size >= MAX_REMEMBERED) {
      const oldest = this.remembered.keys().next();
      if (!oldest.done) this.remembered.delete(oldest.value);
    }
    this.remembered.set(digest, links);
  }
}

function linksIn({ subject, manifests }: Manifest): Links {
  return {
    ...(subject && { subject: subject.digest }),
    manifests: manifests.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
}
