import type { Descriptor } from '../../oci/descriptor';
import type { Manifest } from '../../oci/manifest';
import type { StoredBlobs } from './layoutSource';

/** Content that a manifest names and that cannot be had as its descriptor says. */
export interface MissingBlob {
  readonly descriptor: Descriptor;
  /** Size in bytes of the blob with this digest; undefined when there is none. */
  readonly actualSize?: number;
}

/**
 * The first of a manifest's config, layers and children that is not there with the size it names, so that what can be seen
 * can be pulled; not of those that are fetched from elsewhere. Children of an index may be absent: a part of a
 * multi-platform image is often all one copies. So may a subject, which is no child.
 */
export async function missingBlob(
  blobs: Pick<StoredBlobs, 'sizeOf'>,
  { config, layers, manifests }: Manifest,
): Promise<MissingBlob | undefined> {
  const needed = [...(config ? [config] : []), ...layers];
  for (const [index, descriptor] of [...needed, ...manifests].entries()) {
    if (isForeign(descriptor)) continue;
    const actualSize = await blobs.sizeOf(descriptor.digest);
    if (actualSize === descriptor.size) continue;
    if (actualSize !== undefined) return { descriptor, actualSize };
    if (index < needed.length) return { descriptor };
  }
  return undefined;
}

/** Spec: image-spec v1.1.1 layer.md, "Non-Distributable Layers"; Docker schema 2, foreign layers. */
function isForeign({ mediaType, urls }: Descriptor): boolean {
  return Boolean(urls?.length) || /\.(?:nondistributable|foreign)\./.test(mediaType);
}
