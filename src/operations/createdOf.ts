import { buffer } from 'node:stream/consumers';
import { annotationKeys } from '../oci/annotations';
import { parseUsable } from '../oci/manifest';
import { isImageConfigType, isIndexType } from '../oci/mediaTypes';
import type { Reader, WaitOptions } from '../oci/target';
import { openContent } from './embeddedContent';
import { MAX_CONFIG_BYTES } from './resolvePlatform';

/**
 * When an artifact was made, in milliseconds since 1970: by its annotation, else by the config of the image; for an
 * index without one by its first manifest. Undefined where nothing says it. Errors: NotFoundError; those of the source.
 */
export async function createdOf(
  source: Reader,
  reference: string,
  options: WaitOptions = {},
): Promise<number | undefined> {
  const { bytes, descriptor } = await source.readManifest(reference, options);
  const { annotations, config, manifests, mediaType } = parseUsable(bytes, descriptor.mediaType);
  const own = timeOf(annotations[annotationKeys.created]);
  if (own !== undefined) return own;
  const [first] = manifests;
  if (isIndexType(mediaType)) return first && createdOfImage(source, first.digest, options);
  if (!config || !isImageConfigType(config.mediaType) || config.size > MAX_CONFIG_BYTES) return undefined;
  return timeOf(createdIn((await buffer(await openContent(source, config, options))).toString('utf8')));
}

/** An index in an index is not followed, so that this ends. */
async function createdOfImage(source: Reader, digest: string, options: WaitOptions) {
  const { mediaType } = await source.resolve(digest, options);
  return isIndexType(mediaType) ? undefined : createdOf(source, digest, options);
}

/** Spec: image-spec v1.1.1 config.md, "created". */
function createdIn(config: string): unknown {
  try {
    return (JSON.parse(config) as { readonly created?: unknown } | null)?.created;
  } catch {
    return undefined;
  }
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
