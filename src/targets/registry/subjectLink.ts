import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { parseManifest } from '../../oci/manifest';
import type { ManifestContent } from '../../oci/target';

/** What a manifest refers to, and how it stands in the list of that subject's referrers. */
export interface SubjectLink {
  readonly subject: Digest;
  readonly referrer: Descriptor;
}

/**
 * The link from a manifest to its subject; undefined when it has none. Errors: InvalidContentError.
 * Spec: distribution-spec v1.1.1, "Pushing Manifests with Subject".
 */
export function subjectLink({ descriptor, bytes }: ManifestContent): SubjectLink | undefined {
  if (!Buffer.from(bytes).includes('"subject"')) return undefined;
  const { subject, annotations, artifactType } = parseManifest(bytes, descriptor.mediaType);
  if (!subject) return undefined;
  const { mediaType, digest, size } = descriptor;
  const referrer = { mediaType, digest, size, annotations, ...(artifactType && { artifactType }) };
  return { subject: subject.digest, referrer };
}
