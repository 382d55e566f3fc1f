import { isAbort } from '../oci/errors';
import type { Descriptor } from '../oci/descriptor';
import type { SignatureTag } from '../oci/signatureTags';
import type { Reader, ReferrerLister, ReferrersOptions } from '../oci/target';
import { taggedSignatures } from './taggedSignatures';
import { waitOptions } from './waitOptions';

/** A manifest that refers to another: one with a subject, or one that cosign keeps under a tag. */
export interface Referring {
  readonly descriptor: Descriptor;
  readonly signature?: SignatureTag;
}

/**
 * What refers to a manifest, by cosign's tags first, then by the list of referrers. An artifact type narrows it to those
 * of the list. Errors: those of the list; those of the tags where nobody takes them with `onMissing`.
 */
export async function* referringTo(
  source: Pick<Reader, 'resolve'> & ReferrerLister,
  subject: Descriptor,
  options: ReferrersOptions = {},
): AsyncGenerator<Referring, void> {
  if (options.artifactType === undefined) yield* signaturesOf(source, subject, options);
  for await (const descriptor of source.referrers(subject, options)) yield { descriptor };
}

async function* signaturesOf(
  source: Pick<Reader, 'resolve'>,
  subject: Descriptor,
  options: ReferrersOptions,
): AsyncGenerator<Referring, void> {
  try {
    for (const { descriptor, ...signature } of await taggedSignatures(source, subject, waitOptions(options)))
      yield { descriptor, signature };
  } catch (error) {
    if (!options.onMissing || isAbort(error)) throw error;
    options.onMissing(error);
  }
}
