import { annotationKeys } from '../oci/annotations';
import { fileEnding } from '../oci/artifactKinds';
import type { Descriptor } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import type { Reader, WaitOptions } from '../oci/target';
import { withoutElsewhere } from './elsewhere';
import type { PullPlan } from './planPull';

/**
 * A pull of one layer alone, under its title; one without is named by its short digest and the ending of its type.
 * Errors: those of the source.
 */
export async function planLayer(
  source: Reader,
  layer: Descriptor,
  wait: WaitOptions = {},
): Promise<PullPlan> {
  const { annotations, digest, mediaType, size } = layer;
  const title = annotations?.[annotationKeys.title] || shortDigest(digest) + fileEnding(mediaType);
  const unpack = annotations?.[annotationKeys.contentUnpack] === 'true';
  const { files, leftOut } = await withoutElsewhere(source, [{ title, descriptor: layer, unpack }], wait);
  const plan = { root: layer, manifests: [], files, skipped: [], totalBytes: files.length > 0 ? size : 0 };
  return leftOut.length > 0 ? { ...plan, leftOut } : plan;
}
