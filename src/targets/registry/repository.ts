import type { Readable } from 'node:stream';
import { asBlob, type Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  NotFoundError,
  RegistryError,
  UnsupportedError,
} from '../../oci/errors';
import { Lanes } from '../../oci/lanes';
import { isStoredAsManifest } from '../../oci/mediaTypes';
import type { RepositoryTarget } from '../../oci/registryTarget';
import type {
  ContentSource,
  EarlyUpload,
  EarlyWriter,
  ListOptions,
  ManifestContent,
  ReferrersOptions,
  StoreOptions,
  TransferOptions,
  UnreadFile,
  WaitOptions,
} from '../../oci/target';
import { beginEarly } from './earlyUpload';
import { listTags } from './lister';
import { isBlobReadable, resolveBlob } from './readableBlob';
import { lookForManifest } from './readableManifest';
import { fetchContent, fetchContentFrom, readManifest, resolveManifest } from './reader';
import { ReferrerManifests } from './referrerManifests';
import { listReferrers, ReferrersApi, type ReferrersKnowledge } from './referrers';
import { ReferrersIndex, type ReferrersIndexOptions } from './referrersIndex';
import { removeContent, removeTag } from './remover';
import { storeManifest } from './storeManifest';
import type { RepositoryAddress } from './repositoryAddress';
import { UploadWays } from './uploadWays';
import { subjectLink, type SubjectLink } from './subjectLink';
import { mountBlob, pushBlob, readForPush } from './writer';
import { firstSupported } from './providers/fallback';

/** What a registry does in ways of its own. */
export interface OwnWays {
  readonly untag?: (at: { repository: string; tag: string }, options?: WaitOptions) => Promise<void>;
  readonly removeManifest?: (
    at: { repository: string; digest: Digest },
    options?: WaitOptions,
  ) => Promise<void>;
}

/** How a repository is written to. */
export interface RepositoryOptions extends ReferrersIndexOptions {
  /** What is known of the registry's uploads; that of the whole window, so that it is learned once. */
  readonly uploads?: UploadWays;
}

/** How many contents are shown to be readable at once. */
const SHOWN_AT_ONCE = 8;

/** One repository of a registry, with every ability of a target; the files beside this one do the work, by role. */
export class Repository implements RepositoryTarget, EarlyWriter {
  private readonly referrersIndex: ReferrersIndex;
  private readonly known: ReferrersKnowledge;
  private readonly uploads: UploadWays;
  private readonly shows = new Lanes(SHOWN_AT_ONCE);

  /** `own` are tried first, where the registry has them. */
  constructor(
    private readonly address: RepositoryAddress,
    private readonly own: OwnWays = {},
    { uploads = new UploadWays(), ...time }: RepositoryOptions = {},
  ) {
    this.uploads = uploads;
    this.known = {
      api: new ReferrersApi(time.clock),
      manifests: new ReferrerManifests(address, time.clock),
    };
    this.referrersIndex = new ReferrersIndex(address, this.known.manifests, time);
  }

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

  /** True for what can be read: the first byte of a blob, the whole of a manifest. */
  exists(descriptor: Descriptor, options: WaitOptions = {}): Promise<boolean> {
    return this.shows.run({ isSmall: false, signal: options.signal }, async () => {
      if (!isStoredAsManifest(descriptor.mediaType)) return isBlobReadable(this.address, descriptor, options);
      const look = lookForManifest(this.address, descriptor, { ...options, refusable: 'forbidden' });
      return (await look) === 'readable';
    });
  }

  resolveBlob(digest: Digest, options?: WaitOptions): Promise<Descriptor> {
    return resolveBlob(this.address, digest, options);
  }

  fetch(descriptor: Descriptor, options?: WaitOptions): Promise<Readable> {
    return fetchContent(this.address, descriptor, options);
  }

  fetchFrom(descriptor: Descriptor, firstByte: number, options?: WaitOptions): Promise<Readable | undefined> {
    return fetchContentFrom(this.address, { descriptor, firstByte }, options);
  }

  /** A manifest by its digest, listed with its subject; anything else as a blob. Errors: also ConflictError. */
  async push(
    descriptor: Descriptor,
    content: ContentSource,
    options: TransferOptions & StoreOptions = {},
  ): Promise<void> {
    if (!isStoredAsManifest(descriptor.mediaType)) {
      await pushBlob({ address: this.address, descriptor, content, ways: this.uploads }, options);
      return;
    }
    const manifest = await readForPush(descriptor, content, options);
    const { subjectListed } = await storeManifest(this.toStore(manifest, descriptor.digest), options);
    const link = subjectListed ? undefined : subjectLink(manifest);
    if (link) await this.referrersIndex.add(link, waitOf(options));
  }

  beginEarly(file: UnreadFile, options?: TransferOptions): Promise<EarlyUpload | undefined> {
    return beginEarly({ address: this.address, ways: this.uploads }, file, options);
  }

  async tag(manifest: ManifestContent, tag: string, options?: StoreOptions): Promise<void> {
    await storeManifest(this.toStore(manifest, tag), options);
  }

  settling<T>(work: () => Promise<T>, options?: WaitOptions): Promise<T> {
    return this.referrersIndex.settling(work, options);
  }

  listPushed(options?: WaitOptions): Promise<void> {
    return this.referrersIndex.listPushed(options);
  }

  /** False also where the registry says that it took the blob, and does not give it. */
  async mount(descriptor: Descriptor, fromRepository: string, options?: WaitOptions): Promise<boolean> {
    const isMounted = await mountBlob(this.address, descriptor, fromRepository, options);
    return isMounted && this.exists(asBlob(descriptor), options);
  }

  tags(options?: ListOptions): AsyncIterable<string> {
    return listTags(this.address, options);
  }

  referrers(subject: { readonly digest: Digest }, options?: ReferrersOptions): AsyncIterable<Descriptor> {
    return listReferrers(this.address, subject.digest, { ...options, ...this.known });
  }

  /**
   * A manifest leaves the list of its subject's referrers first: were it gone when that fails, nobody would know any more
   * which list still names it. A registry that refuses to delete gets the list back as it was; a list that did not name it,
   * or could not be read, is looked at once more.
   */
  async remove(descriptor: Descriptor, options: WaitOptions = {}): Promise<void> {
    const link = await this.linkOf(descriptor, options);
    const wasListed = link && (await this.unlist(link, options));
    this.known.manifests.forget(descriptor.digest);
    try {
      await this.removeAlone(descriptor, options);
    } catch (error) {
      const isRefused = error instanceof RegistryError || error instanceof UnsupportedError;
      const isThere = isRefused && !(error instanceof NotFoundError);
      if (wasListed && isThere) await this.referrersIndex.add(link, options);
      throw error;
    }
    if (link && !wasListed) await this.unlist(link, options);
  }

  /** False also where the tag of the list holds something else: that keeps nobody from removing a manifest. */
  private async unlist({ subject, referrer }: SubjectLink, options: WaitOptions): Promise<boolean> {
    try {
      return await this.referrersIndex.drop(subject, referrer.digest, options);
    } catch (error) {
      if (error instanceof InvalidContentError || error instanceof UnsupportedError) return false;
      throw error;
    }
  }

  private toStore(manifest: ManifestContent, reference: string) {
    return { address: this.address, ways: this.uploads, manifest, reference };
  }

  private removeAlone(descriptor: Descriptor, options: WaitOptions): Promise<void> {
    const { removeManifest } = this.own;
    const at = { repository: this.address.apiName, digest: descriptor.digest };
    const isManifest = isStoredAsManifest(descriptor.mediaType);
    return firstSupported(removeManifest && isManifest ? () => removeManifest(at, options) : undefined, () =>
      removeContent(this.address, descriptor, options),
    );
  }

  async untag(tag: string, options?: WaitOptions): Promise<void> {
    const at = { repository: this.address.apiName, tag: this.address.tag(tag) };
    const { untag } = this.own;
    return firstSupported(untag && (() => untag(at, options)), () => removeTag(this.address, tag, options));
  }

  /**
   * Undefined also for a manifest that cannot be read: it can be removed all the same. It is read twice before that is
   * said, for a manifest that was damaged on its way may well stand on a list.
   */
  private async linkOf(descriptor: Descriptor, wait: WaitOptions): Promise<SubjectLink | undefined> {
    try {
      return await this.readLink(descriptor, wait);
    } catch (error) {
      undefinedIfUnreadable(error);
    }
    return this.readLink(descriptor, wait).catch(undefinedIfUnreadable);
  }

  private async readLink({ mediaType, digest }: Descriptor, wait: WaitOptions) {
    if (!isStoredAsManifest(mediaType)) return undefined;
    return subjectLink(await readManifest(this.address, digest, wait));
  }
}

function waitOf({ signal }: TransferOptions): WaitOptions {
  return signal ? { signal } : {};
}

/** Throws any error but that content is not there, or is not what it should be. */
function undefinedIfUnreadable(error: unknown): undefined {
  const classes = [InvalidContentError, ContentMismatchError, NotFoundError];
  if (!classes.some((each) => error instanceof each)) throw error;
}
