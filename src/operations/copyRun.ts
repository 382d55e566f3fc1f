import { canTellWhole, mountSource } from '../oci/abilities';
import { annotationKeys } from '../oci/annotations';
import { asBlob, type Descriptor, type Platform } from '../oci/descriptor';
import { shortDigest } from '../oci/digest';
import { parseManifest } from '../oci/manifest';
import { isIndexType } from '../oci/mediaTypes';
import type { Progress } from '../oci/progress';
import type { ContentSource, ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { isUnusableContent } from '../oci/unusableContent';
import { Apart, type Touched } from './apart';
import { bytesContent } from './bytesContent';
import { choosePlatforms } from './choosePlatforms';
import { walkGraph, type ContentGraph, type GraphNode } from './contentGraph';
import { ContentSender, isSmallContent, type Outgoing } from './contentSender';
import { eachConcurrently } from './eachConcurrently';
import { embeddedContent } from './embeddedContent';
import { GraphBounds } from './graphBounds';
import { Lanes } from '../oci/lanes';
import { OnceEach } from './onceEach';
import { ByteMeter } from './progress';
import { listPushed } from './settling';
import { goesWithTag } from './tag';
import { tagSignature } from './tagSignature';
import { waitOptions } from './waitOptions';

/** What a run is made of. */
export interface CopyRunOptions {
  readonly source: Reader;
  readonly destination: Reader & Writer;
  readonly referrers?: boolean;
  /** Takes along what cosign keeps under tags. */
  readonly signatureTags?: boolean;
  readonly mountFrom?: readonly string[];
  readonly force?: boolean;
  readonly concurrency: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What is copied: `reference` names it at the source, `tags` at the destination; `of` tells it apart for people. */
export interface CopyItem extends WaitOptions {
  readonly reference: string;
  readonly tags: readonly string[];
  readonly platforms?: readonly Platform[];
  readonly of?: string;
}

/** `manifests` and `referrers` count those that belong to it and were not complete; `elsewhere` has what is fetched from elsewhere. */
export interface CopiedItem {
  readonly root: Descriptor;
  readonly manifests: number;
  readonly referrers: number;
  readonly elsewhere: readonly Descriptor[];
}

type Labelled = WaitOptions & Pick<Outgoing, 'of'>;

/** Copies of several artifacts at the same time from one place to another; what they share is sent once. */
export class CopyRun {
  readonly meter: ByteMeter;
  readonly sender: ContentSender;
  private readonly failedReads = new WeakSet<Error>();
  private readonly failedLooks = new WeakSet<Error>();
  /** Apart from each other: one digest may be a layer here and a manifest there. */
  private readonly blobs = new OnceEach();
  private readonly manifests = new OnceEach();
  private readonly apart = new Apart();
  private readonly lanes: Lanes;
  private readonly bounds = new GraphBounds();
  private readonly kept = new Set<string>();

  constructor(private readonly options: CopyRunOptions) {
    const { source, destination, concurrency, onProgress, mountFrom = [] } = options;
    this.meter = new ByteMeter(onProgress);
    this.lanes = new Lanes(concurrency);
    const from = [mountSource(source, destination) ?? [], mountFrom].flat();
    this.sender = new ContentSender({ destination, meter: this.meter, mountFrom: from });
  }

  /** Tags of signatures that the destination keeps, for they hold some that the source lacks. */
  get keptSignatureTags(): readonly string[] {
    return [...this.kept].sort();
  }

  /**
   * Blobs first, each manifest behind what it points at, tags last. `onKnown` is told how many bytes it has.
   * Errors: those of `walkGraph`; those of both sides; CopyError.
   */
  async copy(item: CopyItem, onKnown: (sizeBytes: number) => void): Promise<CopiedItem> {
    const bounds = new GraphBounds(this.bounds);
    try {
      const { source, root } = await this.reading(() =>
        this.small(item, () => choosePlatforms(this.options.source, item.reference, item)),
      );
      const graph = await this.reading(() => this.walk(source, root, { ...waitOptions(item), bounds }));
      onKnown(bytesOf(graph));
      await this.send(source, graph, item);
      await this.finish({ source, root, graph }, item);
      const sent = graph.levels.flat().filter(({ content }) => !this.sender.wasThere(content.descriptor));
      return { root, manifests: sent.length, referrers: graph.referrerCount, elsewhere: graph.elsewhere };
    } finally {
      bounds.release();
    }
  }

  /** True for an error that says that the source lacks something, or has it in a form that cannot be copied. */
  isUnusableSource(error: Error): boolean {
    return this.failedReads.has(error) && isUnusableContent(error);
  }

  /** Remembers an error of `work` as one of the source, unless the destination was asked. */
  private async reading<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && !this.failedLooks.has(error)) this.failedReads.add(error);
      throw error;
    }
  }

  private walk(source: Reader, root: Descriptor, options: WaitOptions & { readonly bounds: GraphBounds }) {
    const { concurrency, referrers = false, signatureTags = false, force } = this.options;
    const isComplete = async (descriptor: Descriptor, wait: WaitOptions) =>
      this.manifests.has(descriptor.digest) || this.isWhole(descriptor, wait);
    return walkGraph(source, root, {
      ...options,
      concurrency,
      referrers,
      signatureTags,
      lanes: this.lanes,
      ...(!force && { isComplete }),
    });
  }

  /** A registry is not asked: that it has a manifest says nothing of the blobs below it. */
  private async isWhole(descriptor: Descriptor, wait: WaitOptions): Promise<boolean> {
    const { destination } = this.options;
    if (!canTellWhole(destination)) return false;
    const found = destination.isWhole(descriptor, wait);
    found.catch((error: Error) => this.failedLooks.add(error));
    return found;
  }

  /** All but a root that goes with its tag. */
  private async send(source: Reader, graph: ContentGraph, item: CopyItem): Promise<void> {
    const jobs = { concurrency: this.options.concurrency, ...waitOptions(item) };
    const { of } = item;
    for (const { size } of graph.complete) this.sender.skip(size, 'a manifest', of);
    await eachConcurrently(graph.blobs, { ...jobs, isSmall: isSmallContent }, (descriptor, signal) =>
      this.sendBlob(
        { descriptor, content: this.contentOf(source, descriptor), name: nameOf(descriptor), of },
        signal,
      ),
    );
    const last = rootWithTag(graph, item);
    for (const level of graph.levels) {
      const nodes = level.filter((node) => node !== last);
      await eachConcurrently(nodes, { ...jobs, isSmall: () => true }, ({ content }, signal) =>
        this.sendManifest(content, { of, signal }),
      );
    }
    await this.small(item, () => listPushed(this.options.destination, waitOptions(item)));
    if (graph.signatureTags.size > 0) await this.tagSignatures(source, graph, item);
  }

  private async tagSignatures(source: Reader, graph: ContentGraph, item: CopyItem): Promise<void> {
    const wait = waitOptions(item);
    for (const [tag, descriptor] of graph.signatureTags) {
      const read = () => source.readManifest(descriptor.digest, wait);
      const isSet = await this.small(item, () =>
        tagSignature(this.options.destination, { tag, descriptor, read }, wait),
      );
      if (!isSet) this.kept.add(tag);
    }
  }

  private async finish(
    { source, root, graph }: { source: Reader; root: Descriptor; graph: ContentGraph },
    item: CopyItem,
  ): Promise<void> {
    const { tags, of } = item;
    const options = { ...waitOptions(item), tags };
    const last = rootWithTag(graph, item)?.content;
    const publish = (manifest: ManifestContent) => () =>
      this.store(manifest, item, () =>
        this.sender.publish(manifest, { ...options, of, mayBeThere: this.mayBeThere(manifest) }),
      );
    if (last && (await this.manifests.run(root.digest, item, publish(last)))) return;
    if (last) this.sender.skip(root.size, 'the manifest', of);
    if (tags.length === 0) return;
    const manifest =
      last ?? (await this.small(item, () => source.readManifest(root.digest, waitOptions(item))));
    await this.store(manifest, item, () => this.sender.tag(manifest, options));
  }

  private async sendBlob(blob: Outgoing, signal: AbortSignal): Promise<void> {
    const { descriptor, name, of } = blob;
    const isSmall = isSmallContent(descriptor);
    const isMine = await this.blobs.run(descriptor.digest, { signal }, () =>
      this.lanes.run({ isSmall, signal }, () => this.sender.sendBlob(blob, { signal })),
    );
    if (!isMine) this.sender.skip(descriptor.size, name, of);
  }

  private async sendManifest(manifest: ManifestContent, { of, ...wait }: Labelled): Promise<void> {
    const { descriptor } = manifest;
    const name = `the manifest ${shortDigest(descriptor.digest)}`;
    const named = { name, of, mayBeThere: this.mayBeThere(manifest) };
    const isMine = await this.manifests.run(descriptor.digest, wait, () =>
      this.store(manifest, wait, () => this.sender.sendManifest(manifest, named, waitOptions(wait))),
    );
    if (!isMine) this.sender.skip(descriptor.size, name, of);
  }

  /** One with a subject is sent in any case: it may not be listed with its subject yet. */
  private mayBeThere({ bytes, descriptor }: ManifestContent): boolean {
    return !this.options.force && parseManifest(bytes, descriptor.mediaType).subject === undefined;
  }

  /** What stands in the descriptor itself need not be fetched. */
  private contentOf(source: Reader, descriptor: Descriptor): ContentSource {
    const embedded = embeddedContent(descriptor);
    if (embedded) return bytesContent(embedded);
    const open = async (wait?: WaitOptions) => {
      const stream = await this.reading(() => source.fetch(asBlob(descriptor), wait));
      return stream.on('error', (error) => this.failedReads.add(error));
    };
    return { open };
  }

  private store(manifest: ManifestContent, wait: WaitOptions, work: () => Promise<void>): Promise<void> {
    return this.small(wait, () => this.apart.run(touchedBy(manifest), wait, work));
  }

  private small<T>({ signal }: WaitOptions, work: () => Promise<T>): Promise<T> {
    return this.lanes.run({ isSmall: true, signal }, work);
  }
}

function touchedBy({ descriptor: { digest, mediaType }, bytes }: ManifestContent): Touched {
  const listed = isIndexType(mediaType) ? parseManifest(bytes, mediaType).manifests : [];
  return { stores: digest, looksUp: listed.map((each) => each.digest) };
}

/** The root where nothing else is to be sent behind what it points at, so that its tag takes it along. */
function rootWithTag({ levels }: ContentGraph, { tags }: CopyItem): GraphNode | undefined {
  const [node, ...others] = levels.at(-1) ?? [];
  return node?.isRoot && others.length === 0 && goesWithTag(node.content, tags) ? node : undefined;
}

function nameOf({ annotations, digest }: Descriptor): string {
  return annotations?.[annotationKeys.title] ?? `blob ${shortDigest(digest)}`;
}

function bytesOf({ blobs, levels, complete }: ContentGraph): number {
  const manifests = levels.flat().map(({ content }) => content.descriptor);
  return [...blobs, ...manifests, ...complete].reduce((total, { size }) => total + size, 0);
}
