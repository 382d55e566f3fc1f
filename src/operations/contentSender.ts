import { canMount } from '../oci/abilities';
import { asBlob, type Descriptor } from '../oci/descriptor';
import { isAbort } from '../oci/errors';
import { isManifestType } from '../oci/mediaTypes';
import type {
  ContentSource,
  ManifestContent,
  Reader,
  StoreOptions,
  WaitOptions,
  Writer,
} from '../oci/target';
import { untilAborted } from '../oci/untilAborted';
import { bytesContent } from './bytesContent';
import { copyStep } from './copyStep';
import type { EarlySending } from './earlySending';
import type { ByteMeter } from './progress';
import { OnceEach } from './onceEach';
import { goesWithTag, tagManifest, type TagOptions } from './tag';
import { isMissingContent, TakenContents, type TakenContent } from './takenContents';
import { waitOptions } from './waitOptions';

/** One content on its way. `name` is for people, as is `of`: the tag that it is sent for where there are several. */
export interface Outgoing {
  readonly descriptor: Descriptor;
  readonly content: ContentSource;
  readonly name: string;
  readonly of?: string | undefined;
}

/** What became of the bytes of blobs and manifests. */
export interface TransferCounts {
  readonly pushedBytes: number;
  /** Was there already. */
  readonly skippedBytes: number;
  /** Taken from another repository of the registry, without sending it. */
  readonly mountedBytes: number;
}

/** `mountFrom` names repositories of the destination's registry that may have the blobs; `early` has what is on its way. */
export interface SenderOptions {
  readonly destination: Reader & Writer;
  readonly meter: ByteMeter;
  readonly mountFrom?: readonly string[];
  readonly early?: EarlySending;
}

/** A manifest on its way. `mayBeThere` allows to ask for it before it is sent. */
export interface NamedManifest extends Pick<Outgoing, 'name' | 'of'> {
  readonly mayBeThere?: boolean | undefined;
}

type PublishOptions = TagOptions & Omit<NamedManifest, 'name'>;

const SMALL_BYTES = 64 * 1024;
/** Where this many contents were looked for in vain, small ones are sent unseen, but for one in so many. */
const LOOKS_IN_VAIN = 8;

/** Each refused mount costs two requests; who knows no better gives up early. */
const MAX_MOUNT_TRIES = 3;

/** Content that takes longer to ask for than to move. */
export function isSmallContent({ size }: Pick<Descriptor, 'size'>): boolean {
  return size <= SMALL_BYTES;
}

/** Brings contents to a destination the cheapest way: not at all, by mounting, by sending. Counts what it did. */
export class ContentSender {
  private pushedBytes = 0;
  private skippedBytes = 0;
  private mountedBytes = 0;
  private looks = 0;
  private firstLook: Promise<boolean> | undefined;
  private foundAny = false;
  private unseen = 0;
  private readonly taken = new TakenContents();
  private readonly sentAfterAll = new OnceEach();

  constructor(private readonly options: SenderOptions) {}

  get counts(): TransferCounts {
    const { pushedBytes, skippedBytes, mountedBytes } = this;
    return { pushedBytes, skippedBytes, mountedBytes };
  }

  /** Sends a blob unless it is there or can be mounted. Errors: those of the destination and the content; CopyError. */
  async sendBlob(outgoing: Outgoing, wait: WaitOptions): Promise<void> {
    const blob = { ...outgoing, descriptor: asBlob(outgoing.descriptor) };
    const { descriptor, name } = blob;
    const isThere = this.isWorthALook(descriptor) && (await this.isThere(blob, wait));
    if (!isThere && !(await this.mounted(blob, wait))) return this.send(blob, wait);
    await this.options.early?.cancel(descriptor.digest);
    this.taken.note({ outgoing: blob, how: isThere ? 'skipped' : 'mounted' });
    if (isThere) return this.skip(descriptor.size, name, blob.of);
    this.mountedBytes += descriptor.size;
    this.count(descriptor.size, `Mounted ${name}`, blob);
  }

  /**
   * Sends a manifest whose content is there. It is asked for only where all that it names was there: then it may be as
   * well. Errors: as `sendBlob`.
   */
  async sendManifest(manifest: ManifestContent, named: NamedManifest, wait: WaitOptions): Promise<void> {
    const { descriptor, bytes } = manifest;
    const { name, of } = named;
    const outgoing = { descriptor, content: bytesContent(bytes), name, of };
    if (await this.hasManifest(manifest, named, wait)) return this.skip(descriptor.size, name, of);
    await this.withContent(manifest, wait, () => this.send(outgoing, wait));
  }

  /** Sends a manifest whose content is there, with its tags. Errors: as `sendBlob`. */
  async publish(manifest: ManifestContent, { of, mayBeThere, ...options }: PublishOptions): Promise<void> {
    const { descriptor } = manifest;
    const named = { name: 'the manifest', of, mayBeThere };
    const wait = waitOptions(options);
    if (!goesWithTag(manifest, options.tags)) {
      await this.sendManifest(manifest, named, wait);
      return this.tag(manifest, options);
    }
    const isThere = await this.hasManifest(manifest, named, wait);
    if (isThere) this.skip(descriptor.size, named.name, of);
    else {
      this.count(descriptor.size, `Sending ${named.name}`, named);
      this.pushedBytes += descriptor.size;
    }
    await this.tag(manifest, { ...options, show: !isThere });
  }

  /** Stores a manifest that is there under tags. Errors: as `sendBlob`. */
  async tag(manifest: ManifestContent, options: TagOptions & StoreOptions): Promise<void> {
    const { destination } = this.options;
    await this.withContent(manifest, options, () => tagManifest(destination, manifest, options));
  }

  /** True for a manifest that was not sent, since it was there. */
  wasThere(manifest: Descriptor): boolean {
    return this.taken.has(manifest);
  }

  /** Counts bytes that need not move. */
  skip(sizeBytes: number, name: string, of?: string): void {
    this.skippedBytes += sizeBytes;
    this.count(sizeBytes, `Already there: ${name}`, { name, of });
  }

  private async isThere(
    { descriptor, name }: Pick<Outgoing, 'descriptor' | 'name'>,
    wait: WaitOptions,
  ): Promise<boolean> {
    const step = { side: 'destination', step: `Looking for ${name}`, digest: descriptor.digest } as const;
    const look = () => copyStep(step, () => this.options.destination.exists(descriptor, wait));
    const found = await this.behindFirst(look, wait);
    this.looks++;
    this.foundAny ||= found;
    return found;
  }

  /** The first look goes alone: a wrong password is refused once, and not once for each content. */
  private async behindFirst(look: () => Promise<boolean>, { signal }: WaitOptions): Promise<boolean> {
    if (!this.firstLook) return (this.firstLook = look());
    await untilAborted(this.firstLook, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (!isAbort(error)) throw error;
    });
    return look();
  }

  /** Sends content that is known to be missing, or a manifest. */
  private async send({ descriptor, content, name, of }: Outgoing, wait: WaitOptions): Promise<void> {
    const { destination, meter, early } = this.options;
    const step = { side: 'destination', step: `Sending ${name}`, digest: descriptor.digest } as const;
    const upload = await early?.take(descriptor.digest);
    const onBytes = meter.item(name, descriptor.size, labelled(step.step, of));
    await copyStep(step, () =>
      upload
        ? upload.complete(descriptor, content, wait)
        : destination.push(descriptor, content, { ...wait, onBytes, show: true }),
    );
    this.pushedBytes += descriptor.size;
  }

  private async hasManifest(
    manifest: ManifestContent,
    { name, of, mayBeThere }: NamedManifest,
    wait: WaitOptions,
  ): Promise<boolean> {
    const { descriptor, bytes } = manifest;
    if (!mayBeThere || !this.taken.hadAllBelow(manifest)) return false;
    const isThere = await this.isThere({ descriptor, name }, wait);
    const outgoing = { descriptor, content: bytesContent(bytes), name, of };
    if (isThere) this.taken.note({ outgoing, how: 'skipped' });
    return isThere;
  }

  /**
   * Stores a manifest. A registry that refuses it for content that was taken for present gets that content, and the
   * manifest once more.
   */
  private async withContent(
    manifest: ManifestContent,
    { signal }: WaitOptions,
    store: () => Promise<void>,
  ): Promise<void> {
    const wait = signal ? { signal } : {};
    try {
      return await store();
    } catch (error) {
      const taken = isMissingContent(error) ? this.taken.below(manifest) : [];
      if (taken.length === 0) throw error;
      for (const each of taken)
        await this.sentAfterAll.run(each.outgoing.descriptor.digest, wait, () =>
          this.sendAfterAll(each, wait),
        );
    }
    await store();
  }

  private async sendAfterAll(taken: TakenContent, wait: WaitOptions): Promise<void> {
    const { outgoing, how } = taken;
    const { descriptor } = outgoing;
    this.options.meter.expectMore(descriptor.size);
    if (how === 'skipped') this.skippedBytes -= descriptor.size;
    else this.mountedBytes -= descriptor.size;
    this.taken.forget(taken);
    if (!isManifestType(descriptor.mediaType)) return this.send(outgoing, wait);
    const { bytes = new Uint8Array() } = outgoing.content;
    await this.withContent({ descriptor, bytes }, wait, () => this.send(outgoing, wait));
  }

  /** A registry that has nothing of this artifact is not asked about each of a thousand small files. */
  private isWorthALook(descriptor: Descriptor): boolean {
    if (this.foundAny || this.looks < LOOKS_IN_VAIN || !isSmallContent(descriptor)) return true;
    return this.unseen++ % LOOKS_IN_VAIN === 0;
  }

  private async mounted({ descriptor }: Outgoing, wait: WaitOptions): Promise<boolean> {
    const { destination, mountFrom = [] } = this.options;
    if (!canMount(destination)) return false;
    for (const repository of mountFrom.slice(0, MAX_MOUNT_TRIES)) {
      if (await destination.mount(descriptor, repository, wait)) return true;
    }
    return false;
  }

  private count(sizeBytes: number, current: string, { name, of }: Pick<Outgoing, 'name' | 'of'>): void {
    this.options.meter.item(name, sizeBytes, labelled(current, of))(sizeBytes);
  }
}

function labelled(current: string, of: string | undefined): string {
  return of === undefined ? current : `${of}: ${current}`;
}
