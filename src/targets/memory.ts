import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type { Descriptor } from '../oci/descriptor';
import { digestOf, isDigest, verifyBytes, VerifyingStream, type Digest } from '../oci/digest';
import { InvalidContentError, NotFoundError } from '../oci/errors';
import { MAX_MANIFEST_BYTES, parseManifest, type Manifest } from '../oci/manifest';
import { isManifestType, mediaTypes } from '../oci/mediaTypes';
import type {
  BlobResolver,
  ContentSource,
  ListOptions,
  ManifestContent,
  Reader,
  ReferrerLister,
  Remover,
  TagLister,
  TagRemover,
  TransferOptions,
  WaitOptions,
  Writer,
} from '../oci/target';

interface StoredContent {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** A content graph in memory, verified on the way in: a scratch place and a test double that behaves as a registry. */
export class MemoryTarget
  implements Reader, BlobResolver, Writer, TagLister, ReferrerLister, Remover, TagRemover
{
  private readonly contents = new Map<Digest, StoredContent>();
  private readonly digestByTag = new Map<string, Digest>();

  async resolve(reference: string, { signal }: WaitOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const digest = isDigest(reference) ? reference : this.digestByTag.get(reference);
    const stored = digest && this.contents.get(digest);
    if (!digest || !stored) throw notFound(reference);
    return { mediaType: stored.mediaType, digest, size: stored.bytes.length };
  }

  async resolveBlob(digest: Digest, { signal }: WaitOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    return { mediaType: mediaTypes.octets, digest, size: this.bytesOf({ digest }).length };
  }

  async readManifest(reference: string, options: WaitOptions = {}): Promise<ManifestContent> {
    const descriptor = await this.resolve(reference, options);
    if (!isManifestType(descriptor.mediaType)) throw notFound(reference);
    if (descriptor.size > MAX_MANIFEST_BYTES)
      throw new InvalidContentError(
        `The manifest ${reference}`,
        `it is larger than ${MAX_MANIFEST_BYTES} bytes`,
      );
    return { descriptor, bytes: this.bytesOf(descriptor) };
  }

  async exists({ digest }: Descriptor, { signal }: WaitOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return this.contents.has(digest);
  }

  async fetch(descriptor: Descriptor, { signal }: WaitOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const bytes = this.bytesOf(descriptor);
    return Readable.from([bytes], { objectMode: false }).pipe(new VerifyingStream(descriptor, 'memory'));
  }

  async push(descriptor: Descriptor, content: ContentSource, options: TransferOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const stream = await content.open(options);
    const bytes = await buffer(stream);
    options.signal?.throwIfAborted();
    verifyBytes(bytes, descriptor, 'the pushed content');
    this.contents.set(descriptor.digest, { mediaType: descriptor.mediaType, bytes });
    options.onBytes?.(bytes.length);
  }

  async tag(
    { descriptor, bytes }: ManifestContent,
    tag: string,
    { signal }: WaitOptions = {},
  ): Promise<void> {
    signal?.throwIfAborted();
    verifyBytes(bytes, descriptor, 'the tagged manifest');
    this.contents.set(descriptor.digest, { mediaType: descriptor.mediaType, bytes });
    this.digestByTag.set(tag, descriptor.digest);
  }

  async *tags({ last = '', signal }: ListOptions = {}): AsyncIterable<string> {
    for (const tag of [...this.digestByTag.keys()].sort()) {
      signal?.throwIfAborted();
      if (tag > last) yield tag;
    }
  }

  /** In the order in which they were stored. */
  async *referrers(
    subject: { readonly digest: Digest },
    { artifactType, signal }: ListOptions & { readonly artifactType?: string } = {},
  ): AsyncIterable<Descriptor> {
    for (const [digest, { mediaType, bytes }] of this.contents) {
      signal?.throwIfAborted();
      const manifest = isManifestType(mediaType) ? manifestIn(bytes, mediaType) : undefined;
      if (manifest?.subject?.digest !== subject.digest) continue;
      if (artifactType !== undefined && manifest.artifactType !== artifactType) continue;
      const { annotations, artifactType: type } = manifest;
      yield { mediaType, digest, size: bytes.length, annotations, ...(type && { artifactType: type }) };
    }
  }

  async remove({ digest }: Descriptor, { signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (!this.contents.delete(digest)) throw notFound(digest);
    for (const [tag, tagged] of this.digestByTag) if (tagged === digest) this.digestByTag.delete(tag);
  }

  async untag(tag: string, { signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (!this.digestByTag.delete(tag)) throw notFound(tag);
  }

  /** Stores bytes as they are and returns their descriptor: the short way to fill a graph by hand. */
  put(mediaType: string, bytes: Uint8Array, tag?: string): Descriptor {
    const digest = digestOf(bytes);
    this.contents.set(digest, { mediaType, bytes });
    if (tag !== undefined) this.digestByTag.set(tag, digest);
    return { mediaType, digest, size: bytes.length };
  }

  private bytesOf({ digest }: { readonly digest: Digest }): Uint8Array {
    const stored = this.contents.get(digest);
    if (!stored) throw notFound(digest);
    return stored.bytes;
  }
}

/** Undefined for what cannot be used: it refers to nothing. */
function manifestIn(bytes: Uint8Array, mediaType: string): Manifest | undefined {
  try {
    return parseManifest(bytes, mediaType);
  } catch (error) {
    if (error instanceof InvalidContentError) return undefined;
    throw error;
  }
}

function notFound(reference: string): NotFoundError {
  return new NotFoundError(reference, {
    method: 'GET',
    url: `memory:${reference}`,
    status: 404,
    details: [],
    body: '',
  });
}
