import { algorithmOf, type Digest } from './digest';
import { tagProblem } from './reference';

/** What cosign keeps under a tag that is made of the digest it is about. */
export type SignatureKind = 'signature' | 'attestation' | 'SBOM';

/** A tag that cosign looks for beside a manifest. */
export interface SignatureTag {
  readonly tag: string;
  readonly kind: SignatureKind;
}

const KINDS: readonly (readonly [string, SignatureKind])[] = [
  ['sig', 'signature'],
  ['att', 'attestation'],
  ['sbom', 'SBOM'],
];

/**
 * The tags `<algorithm>-<hex>.sig`, `.att` and `.sbom` of a digest; none for one that is too long for a tag.
 * Source: cosign's SIGNATURE_SPEC.md, ATTESTATION_SPEC.md and SBOM_SPEC.md.
 */
export function signatureTagsOf(digest: Digest): readonly SignatureTag[] {
  const hex = digest.slice(digest.indexOf(':') + 1);
  const tags = KINDS.map(([ending, kind]) => ({ tag: `${algorithmOf(digest)}-${hex}.${ending}`, kind }));
  return tags.filter(({ tag }) => tagProblem(tag) === undefined);
}

/** A row's name for what is under such a tag. */
export function signatureName({ kind }: SignatureTag): string {
  const names = { signature: 'Signature', attestation: 'Attestation', SBOM: 'SBOM' } as const;
  return `${names[kind]} (cosign's tag)`;
}
