import { annotationKeys } from '../oci/annotations';
import { fileEnding } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import type { PullPlan } from './planPull';

/** A pull of one layer alone, under its title; one without is named by its short digest and the ending of its type. */
export function planLayer(layer: Descriptor): PullPlan {
  const { annotations, digest, mediaType, size } = layer;
  const title = annotations?.[annotationKeys.title] || shortDigest(digest) + fileEnding(mediaType);
  const unpack = annotations?.[annotationKeys.contentUnpack] === 'true';
  const files = [{ title, descriptor: layer, unpack }];
  return { root: layer, manifests: [], files, skipped: [], totalBytes: size };
}
