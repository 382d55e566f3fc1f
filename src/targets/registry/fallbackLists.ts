import type { Descriptor } from '../../oci/descriptor';
import { digestOf, type Digest } from '../../oci/digest';
import {
  InvalidContentError,
  NotFoundError,
  OciError,
  RegistryError,
  UnsupportedError,
} from '../../oci/errors';
import { encodeImageIndex, MAX_MANIFEST_BYTES } from '../../oci/manifest';
import { isStoredAsManifest, mediaTypes } from '../../oci/mediaTypes';
import type { WaitOptions } from '../../oci/target';
import { readManifestBytes, undefinedIfNotFound } from './reader';
import { listedReferrers } from './referrerList';
import type { ReferrerManifests } from './referrerManifests';
import { removeContent } from './remover';
import { referrersTag, type RepositoryAddress } from './repositoryAddress';
import { bringBack, storeManifest } from './storeManifest';

/** One state of the list of a subject's referrers; no digest when there is no list. */
export interface ReferrerList {
  readonly digest?: Digest;
  readonly referrers: readonly Descriptor[];
}

/** `isLost` for a list that was written and is not there. */
interface PutOptions extends WaitOptions {
  readonly isLost: boolean;
}

/** How many entries are looked for where a registry says that one of them is gone. */
const MAX_LOOKED_FOR = 2_000;

const GONE = new Set(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_UNKNOWN', 'BLOB_UNKNOWN']);

/** Reads and writes the lists under the tags `sha256-<hex>`, and removes those that others took the place of. */
export class FallbackLists {
  /** Lists that this client read or wrote, by subject: when they are replaced, they go on naming their entries. */
  private readonly seen = new Map<Digest, Set<Digest>>();
  /** The last list that this client wrote, by subject. */
  private readonly written = new Map<Digest, ReferrerList>();
  private mayRemove = true;

  constructor(
    private readonly address: RepositoryAddress,
    private readonly manifests: ReferrerManifests,
  ) {}

  /** Errors: InvalidContentError (the tag holds something else), UnsupportedError, RegistryError. */
  async read(subject: Digest, wait: WaitOptions): Promise<ReferrerList> {
    const tag = referrersTag(subject);
    const found = await readManifestBytes(this.address, tag, wait).catch(undefinedIfNotFound);
    if (!found) return { referrers: [] };
    // GitLab takes this tag for the digest in it.
    if (found.digest === subject)
      throw new UnsupportedError('keeping a list of referrers', this.address.host);
    const what = this.address.describe(tag);
    const list = listedReferrers(found.bytes, found.contentType, what);
    if (!list) throw new InvalidContentError(what, 'it is no list of referrers, though its tag says so');
    const isUsable = ({ mediaType, digest }: Descriptor) =>
      digest !== subject && (mediaType === '' || isStoredAsManifest(mediaType));
    return { digest: found.digest, referrers: list.entries.filter(isUsable) };
  }

  /**
   * Puts other entries in the place of a list. One that was written and is not there comes back with what stood on it: a
   * registry with a cache says of a list that it once had, and removed since, that it is stored. Errors:
   * InvalidContentError for too many; RegistryError.
   */
  async replace(
    { subject, list }: { readonly subject: Digest; readonly list: ReferrerList },
    referrers: readonly Descriptor[],
    wait: WaitOptions,
  ): Promise<ReferrerList> {
    if (referrers.length === 0 && list.digest && (await this.removeEmptied(list.digest, wait))) {
      this.written.delete(subject);
      return { referrers };
    }
    const lost = list.digest === undefined ? this.written.get(subject) : undefined;
    const all = lost ? united(lost.referrers, referrers) : referrers;
    const written = await this.put(subject, all, { ...wait, isLost: lost !== undefined });
    this.written.set(subject, written);
    const seen = this.seen.get(subject) ?? new Set();
    for (const { digest } of [list, written]) if (digest) seen.add(digest);
    this.seen.set(subject, seen);
    return written;
  }

  /**
   * Removes the lists that `current` took the place of, where the registry lets: Amazon ECR and Google delete nothing that
   * a list names, tagged or not. Returns the entries of `current` that this took away, because the tag had gone back to
   * a list that was removed.
   */
  async removeReplaced(
    subject: Digest,
    current: ReferrerList,
    wait: WaitOptions,
  ): Promise<readonly Descriptor[]> {
    const replaced = [...(this.seen.get(subject) ?? [])].filter((digest) => digest !== current.digest);
    this.seen.delete(subject);
    let isRemoved = false;
    for (const digest of replaced) if (await this.removeQuietly(digest, wait)) isRemoved = true;
    if (!isRemoved || current.referrers.length === 0) return [];
    return this.takenAway(subject, current, wait);
  }

  private async takenAway(
    subject: Digest,
    { referrers }: ReferrerList,
    wait: WaitOptions,
  ): Promise<readonly Descriptor[]> {
    const now = await this.read(subject, wait).catch(undefinedIfOurs);
    const listed = new Set(now?.referrers.map(({ digest }) => digest));
    if (!now || referrers.some(({ digest }) => listed.has(digest))) return [];
    return this.manifests.stillThere(referrers, wait);
  }

  /** A registry that finds an entry gone refuses the whole list: it is written without those that are gone. */
  private async put(
    subject: Digest,
    referrers: readonly Descriptor[],
    options: PutOptions,
  ): Promise<ReferrerList> {
    try {
      return await this.putOnce(subject, referrers, options);
    } catch (error) {
      if (!namesWhatIsGone(error) || referrers.length > MAX_LOOKED_FOR) throw error;
      const there = await this.manifests.stillThere(referrers, waitOf(options));
      if (there.length === referrers.length) throw error;
      return this.putOnce(subject, there, options);
    }
  }

  private async putOnce(
    subject: Digest,
    referrers: readonly Descriptor[],
    options: PutOptions,
  ): Promise<ReferrerList> {
    const tag = referrersTag(subject);
    const bytes = this.encode(referrers, this.address.describe(tag));
    const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
    const stored = { address: this.address, manifest: { descriptor, bytes }, reference: tag };
    await (options.isLost ? bringBack(stored, waitOf(options)) : storeManifest(stored, waitOf(options)));
    return { digest: descriptor.digest, referrers };
  }

  /** With what is known of each entry, as far as there is room. */
  private encode(referrers: readonly Descriptor[], what: string): Buffer {
    const typed = (entries: readonly Descriptor[]) => entries.filter(({ mediaType }) => mediaType !== '');
    const whole = typed(referrers.map((entry) => this.manifests.complete(entry)));
    for (const manifests of [whole, typed(referrers)]) {
      const bytes = encodeImageIndex({ manifests });
      if (bytes.length <= MAX_MANIFEST_BYTES) return bytes;
    }
    throw new InvalidContentError(what, 'it has no room for one more referrer');
  }

  /** By the digest that was read: when the list has changed since, the new one stays. */
  private async removeEmptied(digest: Digest, wait: WaitOptions): Promise<boolean> {
    try {
      await removeContent(this.address, { mediaType: mediaTypes.ociIndex, digest, size: 0 }, wait);
      return true;
    } catch (error) {
      if (error instanceof UnsupportedError) return false;
      throw error;
    }
  }

  /** Nobody is asked to sign in for it, and a refusal is not repeated. */
  private async removeQuietly(digest: Digest, wait: WaitOptions): Promise<boolean> {
    if (!this.mayRemove) return false;
    const descriptor = { mediaType: mediaTypes.ociIndex, digest, size: 0 };
    try {
      await removeContent(this.address, descriptor, { ...wait, refusable: true });
      return true;
    } catch (error) {
      undefinedIfOurs(error);
      this.mayRemove = error instanceof NotFoundError;
      return false;
    }
  }
}

function united(some: readonly Descriptor[], others: readonly Descriptor[]): readonly Descriptor[] {
  const known = new Set(some.map(({ digest }) => digest));
  return [...some, ...others.filter(({ digest }) => !known.has(digest))];
}

function waitOf({ signal }: WaitOptions): WaitOptions {
  return signal ? { signal } : {};
}

/** Throws aborts and what is no error of ours. */
function undefinedIfOurs(error: unknown): undefined {
  if (!(error instanceof OciError)) throw error;
}

function namesWhatIsGone(error: unknown): boolean {
  return error instanceof RegistryError && error.failure.details.some(({ code }) => GONE.has(code));
}
