import type { Descriptor } from '../../oci/descriptor';
import type { Manifest } from '../../oci/manifest';
import type { StoredBlobs } from './layoutSource';

/**
 * The first of a manifest's config and layers that is not there, so that what can be seen can be pulled; not of those that
 * are fetched from elsewhere. Children of an index may be missing: a part of a multi-platform image is often all one copies.
 */
export async function missingBlob(
  blobs: Pick<StoredBlobs, 'sizeOf'>,
  { config, layers }: Manifest,
): Promise<Descriptor | undefined> {
  for (const blob of [...(config ? [config] : []), ...layers]) {
    if (!isForeign(blob) && (await blobs.sizeOf(blob.digest)) !== blob.size) return blob;
  }
  return undefined;
}

/** Spec: image-spec v1.1.1 layer.md, "Non-Distributable Layers"; Docker schema 2, foreign layers. */
function isForeign({ mediaType, urls }: Descriptor): boolean {
  return Boolean(urls?.length) || /\.(?:nondistributable|foreign)\./.test(mediaType);
}
