import type { Descriptor } from '../oci/descriptor';
import { InvalidContentError, NotFoundError } from '../oci/errors';
import { orderedDescriptor, parseManifest } from '../oci/manifest';
import type { ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { descriptorOnTag, tagManifest } from './tag';

/** A manifest of signatures at its source, and the tag that is to lead to it. */
export interface SignatureToTag {
  readonly tag: string;
  readonly descriptor: Descriptor;
  readonly read: () => Promise<ManifestContent>;
}

/**
 * Points a signature's tag at what was copied. cosign adds each signature as a layer: a tag that holds some which the
 * copy lacks stays as it is, and the answer is false. Errors: those of both sides; CopyError.
 */
export async function tagSignature(
  destination: Reader & Writer,
  { tag, descriptor, read }: SignatureToTag,
  wait: WaitOptions,
): Promise<boolean> {
  const now = await descriptorOnTag(destination, tag, wait);
  if (now?.digest === descriptor.digest) return true;
  const manifest = await read();
  if (now && !holdsAll(manifest, await readIfUsable(destination, now, wait))) return false;
  await tagManifest(destination, manifest, { ...wait, tags: [tag] });
  return true;
}

function holdsAll(next: ManifestContent, now: ManifestContent | undefined): boolean {
  const held = new Set(now ? layersOf(now) : []);
  for (const layer of layersOf(next)) held.delete(layer);
  return held.size === 0;
}

/** With their annotations: the signatures of one payload differ in nothing else. */
function layersOf({ bytes, descriptor }: ManifestContent): readonly string[] {
  return parseManifest(bytes, descriptor.mediaType).layers.map((layer) =>
    JSON.stringify(orderedDescriptor(layer)),
  );
}

/** Undefined for what is gone by now, or is no manifest. */
async function readIfUsable(
  destination: Reader,
  { digest }: Descriptor,
  wait: WaitOptions,
): Promise<ManifestContent | undefined> {
  try {
    return await destination.readManifest(digest, wait);
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof InvalidContentError) return undefined;
    throw error;
  }
}
