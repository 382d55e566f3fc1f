import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { isManifestType } from '../oci/mediaTypes';
import type {
  ContentSource,
  ManifestContent,
  Reader,
  StoreOptions,
  TransferOptions,
  WaitOptions,
  Writer,
} from '../oci/target';
import { digestOnTag } from './tag';

/** A tag that would be set; `now` is what it points at before, where it is there. */
export interface TagToSet {
  readonly tag: string;
  readonly digest: Digest;
  readonly now?: Digest;
}

/** A destination that is read and never written: an operation takes its way to it, and it keeps what would be sent. */
export class DryRun implements Reader, Writer {
  private readonly set = new Map<string, TagToSet>();
  private readonly sent = new Map<Digest, Descriptor>();

  constructor(private readonly destination: Reader) {}

  /** By their names. */
  get tags(): readonly TagToSet[] {
    return [...this.set.values()].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  }

  /** Manifests that would be sent, in their order. */
  get manifests(): readonly Descriptor[] {
    return [...this.sent.values()].filter(({ mediaType }) => isManifestType(mediaType));
  }

  /** Configs and layers that would be sent. */
  get blobs(): readonly Descriptor[] {
    return [...this.sent.values()].filter(({ mediaType }) => !isManifestType(mediaType));
  }

  resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return this.destination.resolve(reference, options);
  }

  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return this.destination.readManifest(reference, options);
  }

  /** What would have been sent by now counts as there. */
  async exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return this.sent.has(descriptor.digest) || this.destination.exists(descriptor, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions) {
    return this.destination.fetch(descriptor, options);
  }

  async push(descriptor: Descriptor, _content: ContentSource, options: TransferOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.sent.set(descriptor.digest, descriptor);
    options.onBytes?.(descriptor.size);
  }

  async tag({ descriptor }: ManifestContent, tag: string, options: StoreOptions = {}): Promise<void> {
    const { digest } = descriptor;
    if (options.show && !(await this.exists(descriptor, options))) this.sent.set(digest, descriptor);
    const now = await digestOnTag(this.destination, tag, options);
    this.set.set(tag, { tag, digest, ...(now && { now }) });
  }
}
