import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { signatureTagsOf, type SignatureTag } from '../oci/signatureTags';
import type { Reader, WaitOptions } from '../oci/target';
import { eachConcurrently } from './eachConcurrently';
import { descriptorOnTag } from './tag';

/** A signature, attestation or SBOM that is found by its tag, not by a list of referrers. */
export interface TaggedSignature extends SignatureTag {
  readonly descriptor: Descriptor;
}

/** What cosign keeps under tags about a manifest; a request each. Errors: those of the source but NotFoundError. */
export async function taggedSignatures(
  source: Pick<Reader, 'resolve'>,
  subject: { readonly digest: Digest },
  wait: WaitOptions = {},
): Promise<readonly TaggedSignature[]> {
  const tags = signatureTagsOf(subject.digest);
  const found = await eachConcurrently(tags, { concurrency: tags.length, ...wait }, async (each, signal) => {
    const descriptor = await descriptorOnTag(source, each.tag, { signal });
    // A registry may take such a tag for the digest in it.
    return descriptor && descriptor.digest !== subject.digest ? { ...each, descriptor } : undefined;
  });
  return found.filter((each) => each !== undefined);
}
