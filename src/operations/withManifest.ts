import { canListReferrers } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { UnsupportedError } from '../oci/errors';
import type { ManifestContent, Reader, ReferrerLister, ReferrersOptions, WaitOptions } from '../oci/target';

/** A source with one manifest more, which is known by its digest alone and is not stored. */
export class WithManifest implements Reader, ReferrerLister {
  constructor(
    private readonly source: Reader,
    private readonly manifest: ManifestContent,
  ) {}

  async resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return this.isIt(reference) ? this.manifest.descriptor : this.source.resolve(reference, options);
  }

  async readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return this.isIt(reference) ? this.manifest : this.source.readManifest(reference, options);
  }

  async exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return this.isIt(descriptor.digest) || this.source.exists(descriptor, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions) {
    return this.source.fetch(descriptor, options);
  }

  /** Errors: UnsupportedError where the source lists none. */
  referrers(subject: { readonly digest: Digest }, options?: ReferrersOptions): AsyncIterable<Descriptor> {
    if (!canListReferrers(this.source)) throw new UnsupportedError('listing referrers', 'The source');
    return this.source.referrers(subject, options);
  }

  private isIt(reference: string): boolean {
    return reference === this.manifest.descriptor.digest;
  }
}
