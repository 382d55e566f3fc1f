import { mountSource } from '../oci/abilities';
import { annotationKeys } from '../oci/annotations';
import type { Descriptor, Platform } from '../oci/descriptor';
import { digestOf, algorithmOf, shortDigest } from '../oci/digest';
import type { Progress } from '../oci/progress';
import type { ContentSource, Reader, WaitOptions, Writer } from '../oci/target';
import { bytesContent } from './bytesContent';
import { choosePlatforms } from './choosePlatforms';
import { walkGraph, type ContentGraph } from './contentGraph';
import { ContentSender, isSmallContent, type TransferCounts } from './contentSender';
import { eachConcurrently } from './eachConcurrently';
import { ByteMeter } from './progress';
import { settling } from './settling';
import { requireTag, tagManifest } from './tag';
import { waitOptions } from './waitOptions';

/** How to copy. */
export interface CopyOptions extends WaitOptions {
  /** Tags at the destination; none leaves it to be found by digest. */
  readonly tags?: readonly string[];
  /** Takes along what refers to it, to an index's children as well, and what refers to that. */
  readonly referrers?: boolean;
  /** Copies one platform's manifest out of an index; of several, an index reduced to them. All without any. */
  readonly platforms?: readonly Platform[];
  /** More repositories of the destination's registry that may have the blobs; the source itself is known. */
  readonly mountFrom?: readonly string[];
  /** Looks for each blob even below a manifest that is there: a registry may hold only a part. */
  readonly force?: boolean;
  /** Manifests read and contents sent at once; 3 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was copied. `manifests` counts those that were sent, `referrers` those among them that refer to others. */
export interface CopyResult extends TransferCounts {
  readonly root: Descriptor;
  readonly manifests: number;
  readonly referrers: number;
}

const DEFAULT_CONCURRENCY = 3;

/**
 * Copies what a tag or digest stands for, with all below it: blobs first, each manifest behind what it points at, tags
 * last. What the destination has is left alone; blobs of the same registry are mounted, others streamed.
 * Errors: InvalidReferenceError before anything is asked; those of `walkGraph`; those of both sides; CopyError.
 * Source: `oras cp`.
 */
export async function copy(
  from: Reader,
  destination: Reader & Writer,
  reference: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const { tags = [], concurrency = DEFAULT_CONCURRENCY } = options;
  tags.forEach(requireTag);
  const { source, root } = await choosePlatforms(from, reference, options);
  const meter = new ByteMeter(options.onProgress);
  const mountFrom = [mountSource(from, destination) ?? [], options.mountFrom ?? []].flat();
  const sender = new ContentSender({ destination, meter, mountFrom });
  const isThere = (descriptor: Descriptor, wait: WaitOptions) =>
    sender.isThere({ descriptor, name: `the manifest ${shortDigest(descriptor.digest)}` }, wait);
  const graph = await walkGraph(source, root, {
    ...waitOptions(options),
    concurrency,
    referrers: options.referrers ?? false,
    ...(!options.force && { isComplete: isThere }),
  });
  meter.expect(bytesOf(graph));
  const sending = { sender, concurrency, ...waitOptions(options) };
  await settling(destination, () => sendGraph(source, graph, sending), waitOptions(options));
  if (tags.length > 0) {
    const manifest = await source.readManifest(root.digest, waitOptions(options));
    await tagManifest(destination, manifest, { ...waitOptions(options), tags });
  }
  const manifests = graph.levels.flat().length;
  return { root, ...sender.counts, manifests, referrers: graph.referrerCount };
}

interface Sending extends WaitOptions {
  readonly sender: ContentSender;
  readonly concurrency: number;
}

async function sendGraph(source: Reader, graph: ContentGraph, options: Sending): Promise<void> {
  const { sender, concurrency } = options;
  const jobs = { concurrency, ...waitOptions(options) };
  for (const { size } of graph.complete) sender.skip(size, 'a manifest');
  await eachConcurrently(graph.blobs, { ...jobs, isSmall: isSmallContent }, (descriptor, signal) => {
    const name = descriptor.annotations?.[annotationKeys.title] ?? `blob ${shortDigest(descriptor.digest)}`;
    return sender.sendBlob({ descriptor, content: contentOf(source, descriptor), name }, { signal });
  });
  for (const level of graph.levels) {
    await eachConcurrently(
      level,
      { ...jobs, isSmall: () => true },
      ({ content: { descriptor, bytes } }, signal) => {
        const name = `the manifest ${shortDigest(descriptor.digest)}`;
        return sender.send({ descriptor, content: bytesContent(bytes), name }, { signal });
      },
    );
  }
}

/** What stands in the descriptor itself need not be fetched. */
function contentOf(source: Reader, descriptor: Descriptor): ContentSource {
  const { data, digest } = descriptor;
  const embedded = data === undefined ? undefined : Buffer.from(data, 'base64');
  if (embedded && digestOf(embedded, algorithmOf(digest)) === digest) return bytesContent(embedded);
  return { open: (wait) => source.fetch(descriptor, wait) };
}

function bytesOf({ blobs, levels, complete }: ContentGraph): number {
  const manifests = levels.flat().map(({ content }) => content.descriptor);
  return [...blobs, ...manifests, ...complete].reduce((total, { size }) => total + size, 0);
}
