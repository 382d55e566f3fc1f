import { pipeline, type Readable } from 'node:stream';
import type { Descriptor } from '../../oci/descriptor';
import { isDigest, VerifyingStream, type Digest } from '../../oci/digest';
import { ContentMismatchError, InvalidContentError, NotFoundError } from '../../oci/errors';
import { parseManifest, type Manifest } from '../../oci/manifest';
import { mediaTypes } from '../../oci/mediaTypes';
import type { BlobResolver, ManifestContent, Reader, WaitOptions } from '../../oci/target';
import type { LayoutSource } from './layoutSource';
import { missingBlob } from './missingBlob';

/** Reads manifests and blobs of a layout; every byte is checked. */
export class LayoutReader implements Reader, BlobResolver {
  constructor(private readonly store: LayoutSource) {}

  async resolve(reference: string, { signal }: WaitOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const found = isDigest(reference)
      ? await this.store.graph.find(reference)
      : (await this.store.index.read()).findTag(reference);
    signal?.throwIfAborted();
    if (!found) throw notInLayout(this.store.root, `"${reference}"`);
    const { mediaType, digest, size } = found;
    return { mediaType, digest, size };
  }

  async readManifest(reference: string, options: WaitOptions = {}): Promise<ManifestContent> {
    const descriptor = await this.resolve(reference, options);
    const bytes = await this.store.graph.readBytes(descriptor);
    options.signal?.throwIfAborted();
    if (!bytes) throw notInLayout(this.store.root, `Manifest ${descriptor.digest}`);
    return { descriptor, bytes };
  }

  async exists({ digest, size }: Descriptor, { signal }: WaitOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.store.blobs.sizeOf(digest)) === size;
  }

  /** True where the blobs of a manifest are there, and its children with theirs. */
  async hasAllBelow(manifest: Descriptor, { signal }: WaitOptions = {}): Promise<boolean> {
    const ahead = [manifest];
    const seen = new Set<Digest>();
    for (let next = ahead.pop(); next; next = ahead.pop()) {
      signal?.throwIfAborted();
      if (seen.has(next.digest)) continue;
      seen.add(next.digest);
      const read = await this.readIfSound(next);
      if (!read || (await missingBlob(this.store.blobs, read))) return false;
      ahead.push(...read.manifests);
    }
    return true;
  }

  private async readIfSound(manifest: Descriptor): Promise<Manifest | undefined> {
    try {
      const bytes = await this.store.graph.readBytes(manifest);
      return bytes && parseManifest(bytes, manifest.mediaType);
    } catch (error) {
      if (error instanceof ContentMismatchError || error instanceof InvalidContentError) return undefined;
      throw error;
    }
  }

  async resolveBlob(digest: Digest, { signal }: WaitOptions = {}): Promise<Descriptor> {
    signal?.throwIfAborted();
    const size = await this.store.blobs.sizeOf(digest);
    if (size === undefined) throw notInLayout(this.store.root, `Blob ${digest}`);
    return { mediaType: mediaTypes.octets, digest, size };
  }

  async fetch(descriptor: Descriptor, { signal }: WaitOptions = {}): Promise<Readable> {
    signal?.throwIfAborted();
    const bytes = await this.store.blobs.stream(descriptor.digest);
    if (!bytes) throw notInLayout(this.store.root, `Blob ${descriptor.digest}`);
    const verified = new VerifyingStream(descriptor, this.store.blobs.pathOf(descriptor.digest));
    const abort = () => verified.destroy(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    // Whoever reads `verified` meets each failure there.
    pipeline(bytes, verified, () => signal?.removeEventListener('abort', abort));
    return verified;
  }
}

/** What a layout does not hold. */
export function notInLayout(root: string, what: string): NotFoundError {
  return new NotFoundError(what, { method: 'GET', url: root, status: 404, details: [], body: '' });
}
