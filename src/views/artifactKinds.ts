import { mediaTypes } from '../oci/mediaTypes';

/** What people call a kind of artifact, and the codicon for it. */
export interface ArtifactKind {
  readonly name: string;
  readonly icon: string;
}

const KINDS: readonly (readonly [RegExp, ArtifactKind])[] = [
  [/sigstore|cosign.*sig|notary\.signature/, { name: 'Signature', icon: 'verified' }],
  [/spdx/, { name: 'SBOM (SPDX)', icon: 'checklist' }],
  [/cyclonedx/, { name: 'SBOM (CycloneDX)', icon: 'checklist' }],
  [/in-toto|attestation|provenance/, { name: 'Attestation', icon: 'law' }],
  [/helm\.config/, { name: 'Helm chart', icon: 'package' }],
  [/helm\.chart\.content/, { name: 'Helm chart archive', icon: 'package' }],
  [/helm\.chart\.provenance/, { name: 'Helm provenance', icon: 'verified' }],
  [/sylabs\.sif/, { name: 'Singularity image', icon: 'vm' }],
  [/wasm/, { name: 'WebAssembly module', icon: 'chip' }],
  [/docker\.container\.image|oci\.image\.config/, { name: 'Container image', icon: 'package' }],
  [/image\.layer|rootfs\.diff/, { name: 'Image layer', icon: 'layers' }],
];

/** The kind of an artifact or layer by its type; an empty name when there is no common word for it. */
export function kindOf(type: string | undefined): ArtifactKind {
  if (!type || type === mediaTypes.unknownArtifact) return { name: '', icon: 'package' };
  return KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? { name: '', icon: 'package' };
}
