import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import { encodeImageIndex, encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import type { MemoryTarget } from '../../../src/targets/memory';

/** Puts a layer into memory; a title is its annotation. */
export function putLayer(target: MemoryTarget, content: string, title?: string): Descriptor {
  const descriptor = target.put(mediaTypes.ociLayer, Buffer.from(content));
  return title === undefined ? descriptor : { ...descriptor, annotations: { [annotationKeys.title]: title } };
}

/** Puts an image manifest of these layers into memory. */
export function putManifest(target: MemoryTarget, layers: readonly Descriptor[], tag?: string): Descriptor {
  return target.put(mediaTypes.ociManifest, encodeImageManifest({ config: emptyDescriptor, layers }), tag);
}

/** Puts an index of these manifests into memory. */
export function putIndex(target: MemoryTarget, manifests: readonly Descriptor[], tag?: string): Descriptor {
  return target.put(mediaTypes.ociIndex, encodeImageIndex({ manifests }), tag);
}
