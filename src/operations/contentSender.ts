import { canMount } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import type { ContentSource, ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { bytesContent } from './bytesContent';
import { copyStep } from './copyStep';
import type { EarlySending } from './earlySending';
import type { ByteMeter } from './progress';
import { goesWithTag, tagManifest, type TagOptions } from './tag';

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
  private foundAny = false;
  private unseen = 0;

  constructor(private readonly options: SenderOptions) {}

  get counts(): TransferCounts {
    const { pushedBytes, skippedBytes, mountedBytes } = this;
    return { pushedBytes, skippedBytes, mountedBytes };
  }

  /** Sends a blob unless it is there or can be mounted. Errors: those of the destination and the content; CopyError. */
  async sendBlob(blob: Outgoing, wait: WaitOptions): Promise<void> {
    const { descriptor, name } = blob;
    const isThere = this.isWorthALook(descriptor) && (await this.isThere(blob, wait));
    if (!isThere && !(await this.mounted(blob, wait))) return this.send(blob, wait);
    await this.options.early?.cancel(descriptor.digest);
    if (isThere) return this.skip(descriptor.size, name, blob.of);
    this.mountedBytes += descriptor.size;
    this.count(descriptor.size, `Mounted ${name}`, blob);
  }

  /** Sends content that is known to be missing, or a manifest. Errors: as `sendBlob`. */
  async send({ descriptor, content, name, of }: Outgoing, wait: WaitOptions): Promise<void> {
    const { destination, meter, early } = this.options;
    const step = { side: 'destination', step: `Sending ${name}`, digest: descriptor.digest } as const;
    const upload = await early?.take(descriptor.digest);
    const onBytes = meter.item(name, descriptor.size, labelled(step.step, of));
    await copyStep(step, () =>
      upload
        ? upload.complete(descriptor, content, wait)
        : destination.push(descriptor, content, { ...wait, onBytes }),
    );
    this.pushedBytes += descriptor.size;
  }

  /** Sends a manifest whose content is there, with its tags. Errors: as `sendBlob`. */
  async publish(
    manifest: ManifestContent,
    { of, ...options }: TagOptions & Pick<Outgoing, 'of'>,
  ): Promise<void> {
    const { descriptor, bytes } = manifest;
    const name = 'the manifest';
    if (goesWithTag(manifest, options.tags)) {
      this.count(descriptor.size, `Sending ${name}`, { name, of });
      this.pushedBytes += descriptor.size;
    } else await this.send({ descriptor, content: bytesContent(bytes), name, of }, options);
    await tagManifest(this.options.destination, manifest, options);
  }

  /** Counts bytes that need not move. */
  skip(sizeBytes: number, name: string, of?: string): void {
    this.skippedBytes += sizeBytes;
    this.count(sizeBytes, `Already there: ${name}`, { name, of });
  }

  /** Errors: those of the destination; CopyError. */
  async isThere(
    { descriptor, name }: Pick<Outgoing, 'descriptor' | 'name'>,
    wait: WaitOptions,
  ): Promise<boolean> {
    const step = { side: 'destination', step: `Looking for ${name}`, digest: descriptor.digest } as const;
    const found = await copyStep(step, () => this.options.destination.exists(descriptor, wait));
    this.looks++;
    this.foundAny ||= found;
    return found;
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
