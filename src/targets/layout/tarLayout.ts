import type { Readable } from 'node:stream';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError } from '../../oci/errors';
import type {
  BlobResolver,
  ListOptions,
  ManifestContent,
  Reader,
  ReferrerLister,
  TagLister,
  WaitOptions,
} from '../../oci/target';
import { IndexSnapshot, MAX_INDEX_BYTES } from './indexSnapshot';
import { LayoutLister } from './layoutLister';
import { LayoutReader } from './layoutReader';
import { isLayoutMarker } from './layoutStore';
import { ManifestGraph } from './manifestGraph';
import { TarBlobs } from './tarBlobs';

/**
 * A plain tar of an OCI image layout as a target to read from, without unpacking it: `oras backup -o x.tar` writes one,
 * and `docker save` and `skopeo` do. Spec: image-spec v1.1.1 image-layout.md.
 */
export class TarLayout implements Reader, BlobResolver, TagLister, ReferrerLister {
  private readonly reader: LayoutReader;
  private readonly lister: LayoutLister;

  private constructor(
    readonly file: string,
    blobs: TarBlobs,
    snapshot: IndexSnapshot,
  ) {
    const index = { read: async () => snapshot };
    const source = { root: file, blobs, index, graph: new ManifestGraph(index, blobs) };
    this.reader = new LayoutReader(source);
    this.lister = new LayoutLister(source);
  }

  /** Reads where everything is. Errors: FileError; InvalidContentError for what is no plain tar of a layout. */
  static async open(file: string, options: WaitOptions = {}): Promise<TarLayout> {
    const blobs = await TarBlobs.open(file, options);
    const marker = await blobs.readFile('oci-layout', 1024);
    if (!marker || !isLayoutMarker(marker.toString('utf8')))
      throw new InvalidContentError(`"${file}"`, 'it is no archive of an OCI image layout 1.0.0');
    const index = await blobs.readFile('index.json', MAX_INDEX_BYTES);
    if (!index) throw new InvalidContentError(`"${file}"`, 'there is no index.json in it');
    return new TarLayout(file, blobs, IndexSnapshot.parse(index.toString('utf8'), `index.json in "${file}"`));
  }

  resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return this.reader.resolve(reference, options);
  }

  readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return this.reader.readManifest(reference, options);
  }

  exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return this.reader.exists(descriptor, options);
  }

  resolveBlob(digest: Digest, options?: WaitOptions): Promise<Descriptor> {
    return this.reader.resolveBlob(digest, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable> {
    return this.reader.fetch(descriptor, options);
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
}
