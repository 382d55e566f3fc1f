import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { Pace } from '../../oci/pace';
import type { ListOptions, ReferrerLister, TagLister } from '../../oci/target';
import type { LayoutSource } from './layoutSource';

/** Lists the tags of a layout in the order of their bytes, and the referrers of a manifest in that of their digests. */
export class LayoutLister implements TagLister, ReferrerLister {
  constructor(private readonly store: LayoutSource) {}

  async *tags({ last, signal }: ListOptions = {}): AsyncIterable<string> {
    signal?.throwIfAborted();
    const pace = new Pace(signal);
    for (const tag of (await this.store.index.read()).tags()) {
      await pace.step();
      if (last === undefined || tag > last) yield tag;
    }
  }

  /** `last` is a digest. Spec: distribution-spec v1.1.1, "Listing Referrers". */
  async *referrers(
    subject: { readonly digest: Digest },
    { artifactType, last, signal }: ListOptions & { readonly artifactType?: string } = {},
  ): AsyncIterable<Descriptor> {
    signal?.throwIfAborted();
    for await (const { descriptor, manifest } of this.store.graph.referrers(subject.digest, {
      ...(last !== undefined && { last }),
      ...(signal && { signal }),
    })) {
      signal?.throwIfAborted();
      if (artifactType !== undefined && manifest.artifactType !== artifactType) continue;
      yield {
        mediaType: descriptor.mediaType,
        digest: descriptor.digest,
        size: descriptor.size,
        ...(Object.keys(manifest.annotations).length > 0 && { annotations: manifest.annotations }),
        ...(manifest.artifactType !== undefined && { artifactType: manifest.artifactType }),
      };
    }
  }
}
