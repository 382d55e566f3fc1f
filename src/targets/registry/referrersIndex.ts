import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { ConflictError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { systemClock, type Clock } from '../../transport/clock';
import { FallbackLists, type ReferrerList } from './fallbackLists';
import { notListed } from './notListed';
import type { ReferrerManifests } from './referrerManifests';
import type { RepositoryAddress } from './repositoryAddress';
import type { SubjectLink } from './subjectLink';

/** Time and chance, so that tests need neither. `random` gives [0, 1). */
export interface ReferrersIndexOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What is to become of the list. */
interface Change {
  readonly subject: Digest;
  readonly isDone: (list: ReferrerList) => boolean;
  readonly apply: (referrers: readonly Descriptor[]) => readonly Descriptor[];
}

interface SettledLater {
  readonly isSettledLater: boolean;
}

/** Referrers by their subject and their digest. */
type Added = Map<Digest, Map<Digest, Descriptor>>;

/** What was pushed and is on no list yet, and what is to be looked at again at the end. */
interface LongWork {
  readonly pushed: Added;
  readonly written: Added;
}

/** How many lists are looked at once at the end of a long work. */
const LANES = 4;

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
  /** Set while a long work is done. */
  private work: LongWork | undefined;
  private settleMs = SETTLE_MS;
  private readonly lists: FallbackLists;

  constructor(
    private readonly address: RepositoryAddress,
    private readonly manifests: ReferrerManifests,
    { clock = systemClock, random = Math.random }: ReferrersIndexOptions = {},
  ) {
    this.lists = new FallbackLists(address, manifests);
    this.clock = clock;
    this.random = random;
  }

  /** Within `settling` it is only kept in mind. Errors: NotListedError. */
  async add(link: SubjectLink, wait: WaitOptions = {}): Promise<void> {
    const { subject, referrer } = link;
    this.manifests.remember(link);
    if (this.work) keep(this.work.pushed, subject, [referrer]);
    else await this.list(subject, [referrer], wait);
  }

  /**
   * True when it was on the list. Errors: ConflictError, InvalidContentError (the tag holds something else),
   * UnsupportedError, RegistryError.
   */
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
   * What `work` adds is listed at its end, each list written once, and all lists are looked at again after one wait. What
   * fails is not looked at. Errors: those of `work`; as `add`.
   */
  async settling<T>(work: () => Promise<T>, wait: WaitOptions = {}): Promise<T> {
    if (this.work) return work();
    const written: Added = new Map();
    this.work = { pushed: new Map(), written };
    let result: T;
    try {
      result = await work();
      await this.listPushed(wait);
    } finally {
      this.work = undefined;
    }
    if (written.size > 0) await this.settle(wait);
    await inLanes(written, ([subject, added]) => this.list(subject, [...added.values()], wait));
    return result;
  }

  /** Within `settling`, lists what was added so far; also waits for what somebody else is listing. Errors: as `add`. */
  async listPushed(wait: WaitOptions = {}): Promise<void> {
    const { work } = this;
    if (!work) return;
    for (const [subject, added] of work.pushed) {
      work.pushed.delete(subject);
      keep(work.written, subject, added.values());
      await this.list(subject, [...added.values()], wait, { isSettledLater: true });
    }
    await Promise.all(this.turns.values());
  }

  /** Errors: NotListedError for what is stored, and found by nobody who looks for what refers to its subject. */
  private async list(
    subject: Digest,
    added: readonly Descriptor[],
    wait: WaitOptions,
    later?: SettledLater,
  ): Promise<void> {
    try {
      await this.inTurn(addition(subject, added), wait, later);
    } catch (error) {
      throw notListed(this.address, subject, error);
    }
  }

  /** Within this process changes of one list wait for each other. */
  private async inTurn(change: Change, wait: WaitOptions, later?: SettledLater): Promise<void> {
    const before = this.turns.get(change.subject) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.carryOut(change, wait, later));
    this.turns.set(change.subject, turn);
    try {
      await turn;
    } finally {
      if (this.turns.get(change.subject) === turn) this.turns.delete(change.subject);
    }
  }

  /** Done when the change is there and the list is as it was at the look before, so that nobody else is at it. */
  private async carryOut(change: Change, wait: WaitOptions, later?: SettledLater): Promise<void> {
    const { subject } = change;
    let last: ReferrerList | undefined;
    for (let look = 1; look <= MAX_LOOKS; look++) {
      let startMs = this.clock.now();
      let list = await this.lists.read(subject, wait);
      if (look === 1 && !change.isDone(list) && (await this.manifests.learn(list.referrers, wait))) {
        // Others may have written while the manifests were read.
        startMs = this.clock.now();
        list = await this.lists.read(subject, wait);
      }
      const isDone = change.isDone(list);
      if (isDone && (!last || last.digest === list.digest || look === MAX_LOOKS))
        return later ? undefined : this.removeReplaced(subject, list, wait);
      last = isDone ? list : await this.lists.replace({ subject, list }, change.apply(list.referrers), wait);
      this.settleMs = Math.max(SETTLE_MS, 3 * (this.clock.now() - startMs));
      if (later?.isSettledLater) return;
      await this.settle(wait);
    }
    throw new ConflictError(
      `The list of referrers of ${this.address.describe(change.subject)} was changed by others each time it was written`,
    );
  }

  private async removeReplaced(subject: Digest, list: ReferrerList, wait: WaitOptions): Promise<void> {
    const lost = await this.lists.removeReplaced(subject, list, wait);
    if (lost.length > 0) await this.carryOut(addition(subject, lost), wait);
  }

  private settle(wait: WaitOptions): Promise<void> {
    return this.clock.wait(this.settleMs * (1 + this.random()), wait);
  }
}

function addition(subject: Digest, added: readonly Descriptor[]): Change {
  const missing = (referrers: readonly Descriptor[]) => {
    const listed = new Set(referrers.map(({ digest }) => digest));
    return added.filter(({ digest }) => !listed.has(digest));
  };
  return {
    subject,
    isDone: ({ referrers }) => missing(referrers).length === 0,
    apply: (referrers) => [...referrers, ...missing(referrers)],
  };
}

function keep(all: Added, subject: Digest, referrers: Iterable<Descriptor>): void {
  const kept = all.get(subject) ?? new Map<Digest, Descriptor>();
  for (const referrer of referrers) kept.set(referrer.digest, referrer);
  all.set(subject, kept);
}

/** The first failure is thrown when all have stopped. */
async function inLanes<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const ahead = [...items].reverse();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let item = ahead.pop(); item !== undefined && failures.length === 0; item = ahead.pop())
      await work(item).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (failures.length > 0) throw failures[0];
}
