import type { Descriptor } from '../../oci/descriptor';
import { digestOf, type Digest } from '../../oci/digest';
import { ConflictError, InvalidContentError, UnsupportedError } from '../../oci/errors';
import { encodeImageIndex, MAX_MANIFEST_BYTES, parseManifest, type Manifest } from '../../oci/manifest';
import { mediaTypes } from '../../oci/mediaTypes';
import type { WaitOptions } from '../../oci/target';
import { systemClock, type Clock } from '../../transport/clock';
import { readManifestIfThere } from './reader';
import { removeContent } from './remover';
import { isStoredAsManifest, referrersTag, type RepositoryAddress } from './repositoryAddress';
import { putManifest } from './putManifest';

/** Time and chance, so that tests need neither. `random` gives [0, 1). */
export interface ReferrersIndexOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** One state of the list; no digest when there is no list. */
interface ReferrerList {
  readonly digest?: Digest;
  readonly referrers: readonly Descriptor[];
}

/** What is to become of the list. */
interface Change {
  readonly subject: Digest;
  readonly isDone: (list: ReferrerList) => boolean;
  readonly apply: (referrers: readonly Descriptor[]) => readonly Descriptor[];
}

/** How often the list is looked at before giving up: with dozens of writers at once each gets its turn. */
const MAX_LOOKS = 60;
/** The least time in which another writer that read the list before us would have written it. */
const SETTLE_MS = 150;

/**
 * Keeps the list of a subject's referrers under the tag `sha256-<hex>`, where the registry does not. Registries have no
 * write that fails when the list has changed meanwhile, so that each write is looked at again until nobody else writes.
 * Spec: distribution-spec v1.1.1, "Unavailable Referrers API".
 */
export class ReferrersIndex {
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly turns = new Map<Digest, Promise<void>>();
  /** What was written and is to be looked at again at the end of a long work. */
  private unsettled: Change[] | undefined;
  private settleMs = SETTLE_MS;

  constructor(
    private readonly address: RepositoryAddress,
    { clock = systemClock, random = Math.random }: ReferrersIndexOptions = {},
  ) {
    this.clock = clock;
    this.random = random;
  }

  /** Errors: ConflictError, InvalidContentError (the tag holds something else), UnsupportedError, RegistryError. */
  add(subject: Digest, referrer: Descriptor, wait: WaitOptions = {}): Promise<void> {
    const isListed = ({ digest }: Descriptor) => digest === referrer.digest;
    const change: Change = {
      subject,
      isDone: ({ referrers }) => referrers.some(isListed),
      apply: (referrers) => [...referrers, referrer],
    };
    return this.inTurn(change, wait);
  }

  /** True when it was on the list. Errors: as `add`. */
  async drop(subject: Digest, referrer: Digest, wait: WaitOptions = {}): Promise<boolean> {
    let wasListed = false;
    const others = (referrers: readonly Descriptor[]) =>
      referrers.filter(({ digest }) => digest !== referrer);
    const change: Change = {
      subject,
      isDone: ({ referrers }) => others(referrers).length === referrers.length,
      apply: (referrers) => {
        wasListed = true;
        return others(referrers);
      },
    };
    await this.inTurn(change, wait);
    return wasListed;
  }

  /**
   * Lists that `work` adds to are looked at again at its end, all after one wait. What fails is not looked at. Errors:
   * those of `work`; as `add`.
   */
  async settling<T>(work: () => Promise<T>, wait: WaitOptions = {}): Promise<T> {
    if (this.unsettled) return work();
    const changes: Change[] = (this.unsettled = []);
    let result: T;
    try {
      result = await work();
    } finally {
      this.unsettled = undefined;
    }
    if (changes.length > 0) await this.settle(wait);
    for (const change of changes) await this.inTurn(change, wait);
    return result;
  }

  /** Within this process changes of one list wait for each other. */
  private async inTurn(change: Change, wait: WaitOptions): Promise<void> {
    const before = this.turns.get(change.subject) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.carryOut(change, wait));
    this.turns.set(change.subject, turn);
    try {
      await turn;
    } finally {
      if (this.turns.get(change.subject) === turn) this.turns.delete(change.subject);
    }
  }

  /** Done when the change is there and the list is as it was at the look before, so that nobody else is at it. */
  private async carryOut(change: Change, wait: WaitOptions): Promise<void> {
    let last: ReferrerList | undefined;
    for (let look = 1; look <= MAX_LOOKS; look++) {
      const startMs = this.clock.now();
      const list = await this.read(change.subject, wait);
      const isDone = change.isDone(list);
      if (isDone && (!last || last.digest === list.digest || look === MAX_LOOKS)) return;
      last = isDone ? list : await this.write(change, list, wait);
      this.settleMs = Math.max(SETTLE_MS, 3 * (this.clock.now() - startMs));
      if (this.unsettled) return void this.unsettled.push(change);
      await this.settle(wait);
    }
    throw new ConflictError(
      `The list of referrers of ${this.address.describe(change.subject)} was changed by others each time it was written`,
    );
  }

  private settle(wait: WaitOptions): Promise<void> {
    return this.clock.wait(this.settleMs * (1 + this.random()), wait);
  }

  private async read(subject: Digest, wait: WaitOptions): Promise<ReferrerList> {
    const tag = referrersTag(subject);
    const found = await readManifestIfThere(this.address, tag, wait);
    if (!found) return { referrers: [] };
    const { digest, mediaType } = found.descriptor;
    // GitLab takes this tag for the digest in it.
    if (digest === subject) throw new UnsupportedError('keeping a list of referrers', this.address.host);
    const manifest = parseManifest(found.bytes, mediaType);
    if (manifest.kind === 'image-index') return { digest, referrers: usable(manifest, subject) };
    throw new InvalidContentError(
      this.address.describe(tag),
      'it is no list of referrers, though its tag says so',
    );
  }

  private async write(change: Change, list: ReferrerList, wait: WaitOptions): Promise<ReferrerList> {
    const referrers = change.apply(list.referrers);
    if (referrers.length === 0 && list.digest && (await this.removeList(list.digest, wait)))
      return { referrers };
    const bytes = encodeImageIndex({ manifests: referrers });
    const tag = referrersTag(change.subject);
    if (bytes.length > MAX_MANIFEST_BYTES)
      throw new InvalidContentError(this.address.describe(tag), 'it has no room for one more referrer');
    const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
    await putManifest(this.address, { descriptor, bytes }, tag, wait);
    return { digest: descriptor.digest, referrers };
  }

  /** By the digest that was read: when the list has changed since, the new one stays. */
  private async removeList(digest: Digest, wait: WaitOptions): Promise<boolean> {
    try {
      await removeContent(this.address, { mediaType: mediaTypes.ociIndex, digest, size: 0 }, wait);
      return true;
    } catch (error) {
      if (error instanceof UnsupportedError) return false;
      throw error;
    }
  }
}

/** What may stand in a list of referrers, each once: the rest was not put there by a client that keeps lists. */
function usable({ manifests }: Manifest, subject: Digest): readonly Descriptor[] {
  const byDigest = new Map<Digest, Descriptor>();
  for (const entry of manifests) {
    if (isStoredAsManifest(entry.mediaType) && entry.digest !== subject) byDigest.set(entry.digest, entry);
  }
  return [...byDigest.values()];
}
