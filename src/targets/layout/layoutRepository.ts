import type { Readable } from 'node:stream';
import { stat } from 'node:fs/promises';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError, UnsupportedError } from '../../oci/errors';
import { layoutPath } from '../../oci/layoutPlace';
import type { RepositoryTarget } from '../../oci/registryTarget';
import type {
  ContentSource,
  ListOptions,
  ManifestContent,
  RepositoryPlace,
  TransferOptions,
  WaitOptions,
} from '../../oci/target';
import { OciLayout } from './ociLayout';
import { unlessMissing } from './systemError';
import { TarLayout } from './tarLayout';

/**
 * A layout folder, or an archive of one, in the shape of a repository. Nothing is opened before it is needed; an
 * archive's list of contents is read once. Errors: UnsupportedError for a change to an archive; those of the layout.
 */
export class LayoutRepository implements RepositoryTarget {
  readonly host: string;
  readonly name: string;
  /** Absolute path of the folder or archive. */
  readonly path: string;
  private opened: Promise<OciLayout | TarLayout> | undefined;

  constructor(place: RepositoryPlace) {
    this.host = place.host;
    this.name = place.name;
    this.path = layoutPath(place);
  }

  async resolve(reference: string, options?: WaitOptions): Promise<Descriptor> {
    return (await this.readable()).resolve(reference, options);
  }

  async readManifest(reference: string, options?: WaitOptions): Promise<ManifestContent> {
    return (await this.readable()).readManifest(reference, options);
  }

  async exists(descriptor: Descriptor, options?: WaitOptions): Promise<boolean> {
    return (await this.open()).exists(descriptor, options);
  }

  async isWhole(manifest: Descriptor, options?: WaitOptions): Promise<boolean> {
    const layout = await this.open();
    return layout instanceof OciLayout && layout.isWhole(manifest, options);
  }

  async resolveBlob(digest: Digest, options?: WaitOptions): Promise<Descriptor> {
    return (await this.readable()).resolveBlob(digest, options);
  }

  async fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable> {
    return (await this.readable()).fetch(descriptor, options);
  }

  async *tags(options?: ListOptions): AsyncIterable<string> {
    yield* (await this.readable()).tags(options);
  }

  async *referrers(
    subject: { readonly digest: Digest },
    options?: ListOptions & { readonly artifactType?: string },
  ): AsyncIterable<Descriptor> {
    yield* (await this.readable()).referrers(subject, options);
  }

  async push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions): Promise<void> {
    await (await this.writable()).push(descriptor, content, options);
  }

  async tag(manifest: ManifestContent, tag: string, options?: WaitOptions): Promise<void> {
    await (await this.writable()).tag(manifest, tag, options);
  }

  async remove(descriptor: Descriptor, options?: WaitOptions): Promise<void> {
    await (await this.writable()).remove(descriptor, options);
  }

  async untag(tag: string, options?: WaitOptions): Promise<void> {
    await (await this.writable()).untag(tag, options);
  }

  /** Layouts share no files: each can be moved and changed alone. */
  async mount(): Promise<boolean> {
    return false;
  }

  private open(): Promise<OciLayout | TarLayout> {
    this.opened ??= this.openOnce();
    return this.opened;
  }

  private async openOnce(): Promise<OciLayout | TarLayout> {
    const found = await unlessMissing(stat(this.path));
    return found?.isFile() ? TarLayout.open(this.path) : new OciLayout(this.path);
  }

  private async readable(): Promise<OciLayout | TarLayout> {
    const layout = await this.open();
    if (layout instanceof TarLayout || (await layout.isLayout())) return layout;
    throw new InvalidContentError(
      `"${this.path}"`,
      'it is no OCI image layout: there is no oci-layout file in it',
    );
  }

  private async writable(): Promise<OciLayout> {
    const layout = await this.open();
    if (layout instanceof OciLayout) return layout;
    throw new UnsupportedError('changes, since it is an archive', `"${this.path}"`);
  }
}
