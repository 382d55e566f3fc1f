import type { Readable } from 'node:stream';
import type { FileHandle } from 'node:fs/promises';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import type {
  BlobResolver,
  ContentSource,
  ListOptions,
  ManifestContent,
  Reader,
  ReferrerLister,
  Remover,
  TagLister,
  TagRemover,
  TransferOptions,
  WaitOptions,
  Writer,
} from '../../oci/target';
import { LayoutLister } from './layoutLister';
import { LayoutReader } from './layoutReader';
import { LayoutRemover } from './layoutRemover';
import { LayoutStore, type LayoutOptions } from './layoutStore';
import { LayoutWriter, type PutOptions } from './layoutWriter';
import { unlessMissing } from './systemError';

/**
 * A folder as a target: an OCI image layout that `oras`, `skopeo` and others read and write as well. It is made by the
 * first write. Spec: image-spec v1.1.1 image-layout.md.
 */
export class OciLayout
  implements Reader, BlobResolver, Writer, TagLister, ReferrerLister, Remover, TagRemover
{
  private readonly store: LayoutStore;
  private readonly reader: LayoutReader;
  private readonly writer: LayoutWriter;
  private readonly lister: LayoutLister;
  private readonly remover: LayoutRemover;

  constructor(
    readonly root: string,
    options: LayoutOptions = {},
  ) {
    this.store = new LayoutStore(root, options);
    this.reader = new LayoutReader(this.store);
    this.writer = new LayoutWriter(this.store);
    this.lister = new LayoutLister(this.store);
    this.remover = new LayoutRemover(this.store);
  }

  resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return this.reader.resolve(reference, options);
  }

  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return this.reader.readManifest(reference, options);
  }

  /** What is there is counted on from now on. */
  async exists({ digest, size }: Descriptor, { signal }: WaitOptions = {}): Promise<boolean> {
    signal?.throwIfAborted();
    return (await this.claimBlob(digest)) === size;
  }

  /** The manifest is counted on from now on, and so is all below it. */
  async isWhole(manifest: Descriptor, options: WaitOptions = {}): Promise<boolean> {
    return (await this.exists(manifest, options)) && this.reader.hasAllBelow(manifest, options);
  }

  resolveBlob(digest: Digest, options?: WaitOptions): Promise<Descriptor> {
    return this.reader.resolveBlob(digest, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable> {
    return this.reader.fetch(descriptor, options);
  }

  push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions): Promise<void> {
    return this.writer.push(descriptor, content, options);
  }

  tag(manifest: ManifestContent, tag: string, options?: WaitOptions): Promise<void> {
    return this.writer.tag(manifest, tag, options);
  }

  /** Stores a manifest and points any number of tags at it, in one step. Errors: those of `LayoutWriter.putManifest`. */
  putManifest(manifest: ManifestContent, tags: readonly string[], options?: PutOptions): Promise<void> {
    return this.writer.putManifest(manifest, tags, options);
  }

  tags(options?: ListOptions): AsyncIterable<string> {
    return this.lister.tags(options);
  }

  referrers(
    subject: { readonly digest: Digest },
    options?: ListOptions & { readonly artifactType?: string },
  ): AsyncIterable<Descriptor> {
    return this.lister.referrers(subject, options);
  }

  remove(descriptor: Descriptor, options?: WaitOptions): Promise<void> {
    return this.remover.remove(descriptor, options);
  }

  /** Removes one tag; its manifest stays under its digest. Errors: NotFoundError. */
  untag(tag: string, options?: WaitOptions): Promise<void> {
    return this.remover.untag(tag, options);
  }

  /** True when the folder is a layout already. Errors: InvalidContentError for a layout of another version. */
  isLayout(): Promise<boolean> {
    return this.store.exists();
  }

  /** Makes the folder a layout when it is none. */
  create(): Promise<void> {
    return this.store.ensure();
  }

  /** Size in bytes of a blob; undefined when there is none. */
  blobSize(digest: Digest): Promise<number | undefined> {
    return this.store.blobs.sizeOf(digest);
  }

  /** The same for a blob that is counted on from now on, by a manifest that is still to come. */
  claimBlob(digest: Digest): Promise<number | undefined> {
    return this.store.blobs.claim(digest);
  }

  /** Opens a blob for reading, unchecked; undefined when there is none. The caller closes the handle. */
  openBlob(digest: Digest): Promise<FileHandle | undefined> {
    return this.store.blobs.open(digest);
  }

  /** Moves a file that holds exactly this content, on the same file system, into the layout. */
  async adoptBlob(file: string, digest: Digest): Promise<void> {
    await this.store.ensure();
    await this.store.blobs.adopt(file, digest);
  }

  /** Takes a blob from another layout without a second copy on disk where hard links exist; false when it lacks it. */
  async mountBlob(digest: Digest, from: OciLayout): Promise<boolean> {
    if ((await from.claimBlob(digest)) === undefined) return false;
    await this.store.ensure();
    const linked = this.store.blobs.linkFrom(from.store.blobs.pathOf(digest), digest);
    return (await unlessMissing(linked.then(() => true))) ?? false;
  }

  /** True when a manifest is listed with a tag or without. */
  async listsManifest(digest: Digest): Promise<boolean> {
    return (await this.store.index.read()).findDigest(digest) !== undefined;
  }

  /** True when no manifest is listed. */
  async isEmpty(): Promise<boolean> {
    return (await this.store.index.read()).isEmpty;
  }
}
