import type { AnnotationFile } from '../oci/annotationFile';
import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { FileSource, LocalFile, ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { readContent, type ConfigFile, type ReadingJob } from './artifactContent';
import { artifactManifest } from './artifactManifest';
import { bytesContent } from './bytesContent';
import { ContentSender, isSmallContent, type Outgoing, type TransferCounts } from './contentSender';
import { eachConcurrently } from './eachConcurrently';
import { planManifest, requireMediaType, type ArtifactFields } from './manifestPlan';
import { ByteMeter } from './progress';
import { checkedFiles } from './pushFiles';
import { requireTag, tagManifest } from './tag';
import { waitOptions } from './waitOptions';

/** What to push. No files make an artifact of annotations alone; no tags leave it to be found by digest. */
export interface PushOptions extends ArtifactFields, WaitOptions {
  readonly files: readonly LocalFile[];
  readonly tags: readonly string[];
  readonly config?: ConfigFile;
  /** Annotations by part; those of the other options count more. */
  readonly annotationFile?: AnnotationFile;
  /** What it is attached to; see `attach`. */
  readonly subject?: Descriptor;
  /** Repositories of the same registry that may have the blobs, best first. */
  readonly mountFrom?: readonly string[];
  /** Looks for each blob even where the manifest is there: a registry may hold only a part. */
  readonly force?: boolean;
  /** Files read and blobs sent at once; 5 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was pushed. `manifest` has the bytes, for whoever wants to keep them. */
export interface PushResult extends TransferCounts {
  readonly descriptor: Descriptor;
  readonly manifest: ManifestContent;
}

/** Everything one push works with. */
interface Job extends ReadingJob {
  readonly destination: Reader & Writer;
  readonly options: PushOptions;
}

const DEFAULT_CONCURRENCY = 5;

/**
 * Pushes files and folders as one artifact: what is missing first, the manifest behind it, the tags last, so that
 * nothing is ever tagged that is not complete.
 * Errors: InvalidContentError, InvalidReferenceError and UnsafePathError before anything is read; FileError; those of
 * the destination; CopyError.
 */
export async function push(
  source: FileSource,
  destination: Reader & Writer,
  options: PushOptions,
): Promise<PushResult> {
  const job = checkedJob(source, destination, options);
  const { blobs, layers, config, readBytes } = await readContent(job);
  const { subject } = options;
  const manifest = artifactManifest(job.plan, { config, layers, ...(subject && { subject }) });
  const counts = await send(job, manifest, { blobs, readBytes });
  await tagManifest(destination, manifest, { ...waitOptions(options), tags: options.tags });
  return { descriptor: manifest.descriptor, manifest, ...counts };
}

function checkedJob(source: FileSource, destination: Reader & Writer, options: PushOptions): Job {
  const { annotationFile, config, concurrency = DEFAULT_CONCURRENCY } = options;
  const files = checkedFiles(options.files, annotationFile);
  const plan = planManifest(
    {
      ...options,
      annotations: { ...annotationFile?.manifest, ...options.annotations },
      configAnnotations: { ...annotationFile?.config, ...options.configAnnotations },
    },
    { hasConfig: config !== undefined, hasSubject: options.subject !== undefined },
  );
  if (config?.mediaType) requireMediaType(config.mediaType, 'media type of the config');
  options.tags.forEach(requireTag);
  return { source, destination, files, options, plan, meter: new ByteMeter(options.onProgress), concurrency };
}

/** A manifest with a subject is sent in any case: whoever pushed it may have failed to list it with its subject. */
async function send(
  { destination, options, meter, concurrency }: Job,
  manifest: ManifestContent,
  { blobs, readBytes }: { readonly blobs: readonly Outgoing[]; readonly readBytes: number },
): Promise<TransferCounts> {
  const wait = waitOptions(options);
  const sender = new ContentSender({ destination, meter, mountFrom: options.mountFrom ?? [] });
  const last = {
    descriptor: manifest.descriptor,
    content: bytesContent(manifest.bytes),
    name: 'the manifest',
  };
  const totalBytes =
    blobs.reduce((total, { descriptor }) => total + descriptor.size, 0) + manifest.descriptor.size;
  meter.expect(readBytes + totalBytes);
  const mayBeThere = !options.force && !options.subject;
  if (mayBeThere && (await sender.isThere(last, wait))) {
    sender.skip(totalBytes, 'everything');
    return sender.counts;
  }
  const isSmall = ({ descriptor }: Outgoing) => isSmallContent(descriptor);
  await eachConcurrently(blobs, { concurrency, isSmall, ...wait }, (blob, signal) =>
    sender.sendBlob(blob, { signal }),
  );
  await sender.send(last, wait);
  return sender.counts;
}
