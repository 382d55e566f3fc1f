import type { Readable } from 'node:stream';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import type {
  ContentSource,
  ListOptions,
  ManifestContent,
  Mounter,
  Reader,
  ReferrerLister,
  Remover,
  TagLister,
  TagRemover,
  TransferOptions,
  WaitOptions,
  Writer,
} from '../../oci/target';
import { listTags } from './lister';
import { contentExists, fetchContent, readManifest, resolveManifest } from './reader';
import { listReferrers, type ReferrersOptions } from './referrers';
import { removeContent, removeTag } from './remover';
import type { RepositoryAddress } from './repositoryAddress';
import { mountBlob, pushContent, putManifest } from './writer';

/** Removes one tag of a repository. */
export type Untag = (at: { repository: string; tag: string }, options?: WaitOptions) => Promise<void>;

/** One repository of a registry, with every ability of a target; the files beside this one do the work, by role. */
export class Repository implements Reader, Writer, Mounter, TagLister, ReferrerLister, Remover, TagRemover {
  /** `ownUntag` removes a tag where the registry has a way of its own. */
  constructor(
    private readonly address: RepositoryAddress,
    private readonly ownUntag?: Untag,
  ) {}

  /** `host[:port]`, as in references. */
  get host(): string {
    return this.address.host;
  }

  get name(): string {
    return this.address.name;
  }

  resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return resolveManifest(this.address, reference, options);
  }

  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return readManifest(this.address, reference, options);
  }

  exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return contentExists(this.address, descriptor, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable> {
    return fetchContent(this.address, descriptor, options);
  }

  push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions): Promise<void> {
    return pushContent(this.address, descriptor, content, options);
  }

  tag(manifest: ManifestContent, tag: string, options?: WaitOptions): Promise<void> {
    return putManifest(this.address, manifest, tag, options);
  }

  mount(descriptor: Descriptor, fromRepository: string, options?: WaitOptions): Promise<boolean> {
    return mountBlob(this.address, descriptor, fromRepository, options);
  }

  tags(options?: ListOptions): AsyncIterable<string> {
    return listTags(this.address, options);
  }

  referrers(subject: { readonly digest: Digest }, options?: ReferrersOptions): AsyncIterable<Descriptor> {
    return listReferrers(this.address, subject.digest, options);
  }

  remove(descriptor: Descriptor, options?: WaitOptions): Promise<void> {
    return removeContent(this.address, descriptor, options);
  }

  untag(tag: string, options?: WaitOptions): Promise<void> {
    const at = { repository: this.address.apiName, tag };
    return this.ownUntag ? this.ownUntag(at, options) : removeTag(this.address, tag, options);
  }
}
