import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  OciError,
  RegistryError,
  SignInRequiredError,
} from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { systemClock, type Clock } from '../../transport/clock';
import { inOrder } from './inOrder';
import { readManifestIfThere } from './reader';
import { isIncomplete } from './referrerList';
import type { RepositoryAddress } from './repositoryAddress';
import { subjectLink, type SubjectLink } from './subjectLink';

/** The manifest of an entry: its link; `nothing` where it is gone or has no subject; `unreadable` where nobody can tell. */
export type Looked = SubjectLink | 'nothing' | 'unreadable';

/** An entry of a list, and its manifest where that was read. */
export interface LookedAt {
  readonly entry: Descriptor;
  readonly looked?: Looked;
}

/** A digest never changes its manifest, but the manifest may be deleted. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_CHARACTERS = 16 * 1024;

/** How many manifests are read at once. */
const WIDTH = 5;

/** How many incomplete entries are read before a list is written; the rest keeps what it has. */
const MAX_COMPLETED = 200;

/** Reads the manifests that lists of referrers name, some at once, and remembers them for a while by their digests. */
export class ReferrerManifests {
  private readonly remembered = new Map<Digest, { readonly link: SubjectLink; readonly atMs: number }>();

  constructor(
    private readonly address: RepositoryAddress,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Keeps a link whose manifest is at hand. */
  remember(link: SubjectLink): void {
    if (JSON.stringify(link.referrer).length > MAX_REMEMBERED_CHARACTERS) return;
    const [oldest] = this.remembered.keys();
    if (oldest !== undefined && this.remembered.size >= MAX_REMEMBERED) this.remembered.delete(oldest);
    this.remembered.set(link.referrer.digest, { link, atMs: this.clock.now() });
  }

  /** Forgets a manifest that is being deleted. */
  forget(digest: Digest): void {
    this.remembered.delete(digest);
  }

  /** Each entry in its order, with its manifest where `isWanted`. Errors: NetworkError, SignInRequiredError, RegistryError. */
  lookAtEach(
    entries: readonly Descriptor[],
    isWanted: (entry: Descriptor) => boolean,
    wait: WaitOptions,
  ): AsyncGenerator<LookedAt, void> {
    return inOrder(entries, { width: WIDTH, ...wait }, async (entry, signal) =>
      isWanted(entry) ? { entry, looked: await this.look(entry.digest, { signal }) } : { entry },
    );
  }

  /** Reads what the entries leave out, as far as it can be had; true when something was asked for. */
  async learn(entries: readonly Descriptor[], wait: WaitOptions): Promise<boolean> {
    const unknown = entries.filter((entry) => isIncomplete(entry) && !this.known(entry.digest));
    try {
      const each = this.lookAtEach(unknown.slice(0, MAX_COMPLETED), () => true, wait);
      for await (const { looked } of each) void looked;
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
    }
    return unknown.length > 0;
  }

  /** An entry with what is remembered of its manifest. */
  complete(entry: Descriptor): Descriptor {
    const link = isIncomplete(entry) ? this.remembered.get(entry.digest)?.link : undefined;
    return link ? completed(entry, link) : entry;
  }

  /** Those of the entries that are not gone, asked for one by one. Errors: as `lookAtEach`. */
  async stillThere(entries: readonly Descriptor[], wait: WaitOptions): Promise<readonly Descriptor[]> {
    for (const { digest } of entries) this.forget(digest);
    const found: Descriptor[] = [];
    for await (const { entry, looked } of this.lookAtEach(entries, () => true, wait))
      if (looked !== 'nothing') found.push(entry);
    return found;
  }

  private known(digest: Digest): SubjectLink | undefined {
    const found = this.remembered.get(digest);
    return found && this.clock.now() - found.atMs < REMEMBERED_MS ? found.link : undefined;
  }

  private async look(digest: Digest, wait: WaitOptions): Promise<Looked> {
    const looked = this.known(digest) ?? (await this.readTwice(digest, wait));
    if (typeof looked !== 'string') this.remember(looked);
    return looked;
  }

  /** Bytes that were damaged on their way come right the second time. */
  private async readTwice(digest: Digest, wait: WaitOptions): Promise<Looked> {
    try {
      return await this.read(digest, wait);
    } catch (error) {
      if (!(error instanceof ContentMismatchError)) return lookedAfter(error);
    }
    return this.read(digest, wait).catch(lookedAfter);
  }

  private async read(digest: Digest, wait: WaitOptions): Promise<Looked> {
    const manifest = await readManifestIfThere(this.address, digest, wait);
    return (manifest && subjectLink(manifest)) ?? 'nothing';
  }
}

/** An entry with what its manifest says: the manifest's word counts. */
export function completed(entry: Descriptor, { referrer }: SubjectLink): Descriptor {
  return { ...entry, ...referrer, annotations: { ...entry.annotations, ...referrer.annotations } };
}

/** Throws what concerns more than one manifest: no answer, no sign-in, too many requests. */
function lookedAfter(error: unknown): Looked {
  if (error instanceof InvalidContentError) return 'nothing';
  if (error instanceof ContentMismatchError) return 'unreadable';
  const isItsOwn =
    error instanceof RegistryError && !(error instanceof SignInRequiredError) && error.status !== 429;
  if (isItsOwn) return 'unreadable';
  throw error;
}
