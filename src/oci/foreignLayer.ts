import type { Descriptor } from './descriptor';

/**
 * True for a layer that may not be passed on, whether a registry has it or not. Source: `oras cp`. Spec: image-spec v1.1.1
 * layer.md, "Non-Distributable Layers"; Docker schema 2, foreign layers.
 */
export function isForeignLayerType(mediaType: string): boolean {
  return (
    mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.v1.tar') ||
    mediaType === 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  );
}

/** True for a layer that a registry need not have: it is fetched from where its `urls` say. */
export function mayBeElsewhere({ mediaType, urls }: Pick<Descriptor, 'mediaType' | 'urls'>): boolean {
  return Boolean(urls?.length) || isForeignLayerType(mediaType);
}
