import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { FileSource, ManifestContent, Reader, Writer } from '../oci/target';
import { ContentSender, isSmallContent, type Outgoing, type TransferCounts } from './contentSender';
import { EarlySending } from './earlySending';
import { eachConcurrently } from './eachConcurrently';
import { ByteMeter } from './progress';
import { DEFAULT_CONCURRENCY, readArtifact, type ArtifactOptions, type ReadArtifact } from './readArtifact';
import { requireTag } from './tag';
import { waitOptions } from './waitOptions';

/** What to push. No tags leave it to be found by digest. */
export interface PushOptions extends ArtifactOptions {
  readonly tags: readonly string[];
  /** Repositories of the same registry that may have the blobs, best first. */
  readonly mountFrom?: readonly string[];
  /** Sends the manifest also where it is there. */
  readonly force?: boolean;
  /** Files of so many bytes are sent while they are read, where the destination takes that; 32 MiB by default. */
  readonly earlyBytes?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was pushed. `manifest` has the bytes, for whoever wants to keep them. */
export interface PushResult extends TransferCounts {
  readonly descriptor: Descriptor;
  readonly manifest: ManifestContent;
}

/** Everything the sending works with. */
interface Job {
  readonly destination: Reader & Writer;
  readonly options: PushOptions;
  readonly meter: ByteMeter;
  readonly early: EarlySending;
}

/**
 * Pushes files and folders as one artifact: what is missing first, the manifest behind it, the tags last, so that
 * nothing is ever tagged that is not complete. Large files are on their way while they are read.
 * Errors: InvalidContentError, InvalidReferenceError and UnsafePathError before anything is read; FileError; those of
 * the destination; CopyError.
 */
export async function push(
  source: FileSource,
  destination: Reader & Writer,
  options: PushOptions,
): Promise<PushResult> {
  options.tags.forEach(requireTag);
  const meter = new ByteMeter(options.onProgress);
  const early = new EarlySending({ source, destination, meter }, options);
  try {
    const artifact = await readArtifact(early, options, { meter, isSent: true });
    const { manifest } = artifact;
    const counts = await send({ destination, options, meter, early }, artifact);
    return { descriptor: manifest.descriptor, manifest, ...counts };
  } finally {
    await early.end();
  }
}

/** A manifest with a subject is sent in any case: whoever pushed it may have failed to list it with its subject. */
async function send(
  { destination, options, meter, early }: Job,
  { manifest, blobs }: ReadArtifact,
): Promise<TransferCounts> {
  const { concurrency = DEFAULT_CONCURRENCY } = options;
  const wait = waitOptions(options);
  const sender = new ContentSender({ destination, meter, early, mountFrom: options.mountFrom ?? [] });
  const totalBytes =
    blobs.reduce((total, { descriptor }) => total + descriptor.size, 0) + manifest.descriptor.size;
  meter.expect(totalBytes);
  const isSmall = ({ descriptor }: Outgoing) => isSmallContent(descriptor);
  await eachConcurrently(blobs, { concurrency, isSmall, ...wait }, (blob, signal) =>
    sender.sendBlob(blob, { signal }),
  );
  const mayBeThere = !options.force && !options.subject;
  await sender.publish(manifest, { ...wait, tags: options.tags, mayBeThere });
  return sender.counts;
}
