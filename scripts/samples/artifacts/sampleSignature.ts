import { createHash } from 'node:crypto';
import { hexOf, type Digest } from '../../../src/oci/digest';
import type { Attachment } from './attachment';
import { SAMPLE_TIME } from './packFiles';

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * A signature as cosign 3 attaches it, in form only: no key made it, and its annotations say so.
 * Spec: Sigstore bundle v0.3.
 */
export function sampleSignature(subject: Digest): Attachment {
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: 'sample' }, tlogEntries: [] },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: Buffer.from(hexOf(subject), 'hex').toString('base64') },
      signature: createHash('sha256').update('a sample, not a signature').digest('base64'),
    },
  };
  return {
    artifactType: BUNDLE_TYPE,
    content: JSON.stringify(bundle),
    annotations: {
      'dev.sigstore.bundle.content': 'message-signature',
      'org.opencontainers.image.created': SAMPLE_TIME,
      'org.opencontainers.image.description':
        'A sample: this signature has the right form and cannot be verified.',
    },
  };
}
