import type { Annotations, Descriptor } from '../oci/descriptor';
import { digestOf } from '../oci/digest';
import { goJson } from '../oci/goJson';
import { encodeImageManifest } from '../oci/manifest';
import { mediaTypes } from '../oci/mediaTypes';
import { orderedPlatform } from '../oci/platform';
import type { ManifestContent } from '../oci/target';
import type { ManifestPlan } from './manifestPlan';

/** The bytes of the empty blob, `{}`. Spec: image-spec v1.1.1 manifest.md, "Guidance for an Empty Descriptor". */
export const EMPTY_BLOB = Buffer.from('{}');

/** The empty blob's descriptor, with its content in `data`. */
export const emptyDescriptor: Descriptor = {
  mediaType: mediaTypes.ociEmpty,
  digest: digestOf(EMPTY_BLOB),
  size: EMPTY_BLOB.length,
  data: EMPTY_BLOB.toString('base64'),
};

/** A blob that is in memory. */
export interface SmallBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What a manifest points at. */
export interface ManifestLinks {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
}

/** The config that `oras push` writes where the user gives none: of a platform, typed (v1.0) or the empty one. */
export function generatedConfig(plan: ManifestPlan): SmallBlob {
  const { artifactPlatform, imageSpec, artifactType = mediaTypes.unknownConfig, configAnnotations } = plan;
  if (artifactPlatform) {
    const bytes = Buffer.from(goJson(orderedPlatform(artifactPlatform)));
    return { descriptor: annotated(descriptorOf(mediaTypes.ociConfig, bytes), configAnnotations), bytes };
  }
  const base = imageSpec === 'v1.0' ? descriptorOf(artifactType, EMPTY_BLOB) : emptyDescriptor;
  return { descriptor: annotated(base, configAnnotations), bytes: EMPTY_BLOB };
}

/**
 * The manifest that `oras push` or `oras attach` writes; without layers v1.1 has the empty one, v1.0 none. A subject is
 * its media type, digest and size and nothing else. Spec: image-spec v1.1.1 manifest.md.
 */
export function artifactManifest(
  plan: ManifestPlan,
  { config, layers, subject }: ManifestLinks,
): ManifestContent {
  const { imageSpec, artifactType, annotations } = plan;
  const isV11 = imageSpec === 'v1.1';
  const bytes = encodeImageManifest({
    ...(isV11 && artifactType && { artifactType }),
    config,
    layers: layers.length === 0 && isV11 ? [emptyDescriptor] : layers,
    ...(subject && { subject: plain(subject) }),
    annotations,
  });
  const type = isV11 ? artifactType : config.mediaType;
  return {
    descriptor: { ...descriptorOf(mediaTypes.ociManifest, bytes), ...(type && { artifactType: type }) },
    bytes,
  };
}

/** A descriptor with other annotations in place of its own. */
export function annotated(descriptor: Descriptor, annotations: Annotations = {}): Descriptor {
  const bare = Object.fromEntries(Object.entries(descriptor).filter(([key]) => key !== 'annotations'));
  const hasAny = Object.keys(annotations).length > 0;
  return { ...(bare as unknown as Descriptor), ...(hasAny && { annotations }) };
}

/** The descriptor of bytes in memory. */
export function descriptorOf(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** What names the content, and nothing about it. */
export function plain({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}
