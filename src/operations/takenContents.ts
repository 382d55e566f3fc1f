import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { RegistryError } from '../oci/errors';
import { isForeignLayerType } from '../oci/foreignLayer';
import { parseManifest } from '../oci/manifest';
import { isManifestType } from '../oci/mediaTypes';
import type { ManifestContent } from '../oci/target';
import type { Outgoing } from './contentSender';

/** Content that was not sent, and why. */
export interface TakenContent {
  readonly outgoing: Outgoing;
  readonly how: 'skipped' | 'mounted';
}

/** What a registry says of a manifest that names content which it lacks. Spec: distribution-spec v1.1.1, "Error Codes". */
const MISSING_CONTENT = new Set(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN']);

/** True for the refusal of a manifest whose content the registry does not have. */
export function isMissingContent(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.failure.method !== 'PUT') return false;
  return error.failure.details.some(({ code }) => MISSING_CONTENT.has(code));
}

/** The contents that an operation took for present at its destination: blobs and manifests, by digest. */
export class TakenContents {
  private readonly blobs = new Map<Digest, TakenContent>();
  private readonly manifests = new Map<Digest, TakenContent>();

  note(taken: TakenContent): void {
    this.of(taken.outgoing).set(taken.outgoing.descriptor.digest, taken);
  }

  forget({ outgoing }: TakenContent): void {
    this.of(outgoing).delete(outgoing.descriptor.digest);
  }

  has(descriptor: Descriptor): boolean {
    return this.of({ descriptor }).has(descriptor.digest);
  }

  /** Those that a manifest names. */
  below(manifest: ManifestContent): readonly TakenContent[] {
    return this.partsOf(manifest).filter((each) => each !== undefined);
  }

  /** True where all that a manifest names was there without mounting, so that the manifest may be there as well. */
  hadAllBelow(manifest: ManifestContent): boolean {
    return this.partsOf(manifest).every((taken) => taken?.how === 'skipped');
  }

  /** Each config, layer and child that a manifest names, undefined where it was not taken for present. */
  private partsOf({ bytes, descriptor }: ManifestContent): readonly (TakenContent | undefined)[] {
    const { config, layers, manifests } = parseManifest(bytes, descriptor.mediaType);
    const blobs = [...(config ? [config] : []), ...layers].filter(
      (each) => !isForeignLayerType(each.mediaType),
    );
    return [
      ...blobs.map(({ digest }) => this.blobs.get(digest)),
      ...manifests.map((each) => this.of({ descriptor: each }).get(each.digest)),
    ];
  }

  private of({ descriptor }: Pick<Outgoing, 'descriptor'>): Map<Digest, TakenContent> {
    return isManifestType(descriptor.mediaType) ? this.manifests : this.blobs;
  }
}
