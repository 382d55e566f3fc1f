import { Readable } from 'node:stream';
import { asBlob, type Descriptor } from '../oci/descriptor';
import { algorithmOf, digestOf } from '../oci/digest';
import { parseManifest } from '../oci/manifest';
import type { ManifestContent, Reader, WaitOptions } from '../oci/target';

/**
 * The content that stands in the descriptor itself; undefined where there is none, and for `data` that is not what the
 * digest and the size say. Spec: image-spec v1.1.1 descriptor.md, "Embedded Content".
 */
export function embeddedContent({ data, digest, size }: Descriptor): Buffer | undefined {
  if (data === undefined) return undefined;
  const bytes = Buffer.from(data, 'base64');
  return bytes.length === size && digestOf(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
}

/** A blob's content out of its descriptor, else from the source, which need not have it then. Errors: as `Reader.fetch`. */
export async function openContent(
  source: Reader,
  descriptor: Descriptor,
  wait?: WaitOptions,
): Promise<Readable> {
  const bytes = embeddedContent(descriptor);
  return bytes ? Readable.from([bytes], { objectMode: false }) : source.fetch(asBlob(descriptor), wait);
}

/** A manifest out of its descriptor, else from the source. Errors: as `Reader.readManifest`. */
export async function manifestOf(
  source: Reader,
  descriptor: Descriptor,
  wait?: WaitOptions,
): Promise<ManifestContent> {
  const bytes = embeddedContent(descriptor);
  if (!bytes) return source.readManifest(descriptor.digest, wait);
  const { digest, size } = descriptor;
  const { mediaType } = parseManifest(bytes, descriptor.mediaType);
  return { bytes, descriptor: { mediaType, digest, size } };
}
