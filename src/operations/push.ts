import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError, InvalidReferenceError, UnsafePathError } from '../oci/errors';
import { tagProblem } from '../oci/reference';
import type {
  ContentSource,
  FileSource,
  LocalFile,
  ManifestContent,
  Reader,
  WaitOptions,
  Writer,
} from '../oci/target';
import { cleanTitle, titleProblem } from '../oci/title';
import {
  artifactManifest,
  checkedFields,
  EMPTY_BLOB,
  emptyDescriptor,
  requireMediaType,
  type ArtifactFields,
} from './artifactManifest';
import { bytesContent } from './bytesContent';
import { copyStep } from './copyStep';
import { eachConcurrently } from './eachConcurrently';
import { ByteMeter } from './progress';
import type { Progress } from '../oci/progress';

/** What to push. No files make an artifact of annotations alone; no tags leave it to be found by digest. */
export interface PushOptions extends ArtifactFields, WaitOptions {
  readonly files: readonly LocalFile[];
  readonly tags: readonly string[];
  /** Files read and blobs sent at once; 5 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was pushed. Both counts are bytes of blobs and manifest; skipped is what the destination had already. */
export interface PushResult {
  readonly descriptor: Descriptor;
  readonly manifest: ManifestContent;
  readonly pushedBytes: number;
  readonly skippedBytes: number;
}

/** Everything one push works with. */
interface Job {
  readonly source: FileSource;
  readonly destination: Reader & Writer;
  readonly files: readonly LocalFile[];
  readonly meter: ByteMeter;
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
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
  const files = checkedFiles(options.files);
  const fields = checkedFields(options);
  for (const tag of options.tags) requireTag(tag);
  const { signal, concurrency = DEFAULT_CONCURRENCY } = options;
  const job: Job = {
    source,
    destination,
    files,
    meter: new ByteMeter(options.onProgress),
    concurrency,
    signal,
  };
  const { layers, readBytes } = await readLayers(job);
  const manifest = artifactManifest(layers, fields);
  const counts = await send(job, manifest, { layers, readBytes });
  for (const tag of options.tags) {
    await copyStep({ side: 'destination', step: `Tagging ${tag}`, digest: manifest.descriptor.digest }, () =>
      destination.tag(manifest, tag, waitOptions(signal)),
    );
  }
  return { descriptor: manifest.descriptor, manifest, ...counts };
}

/** Reads every file once for its digest; folders are packed. The second half of the bar is the sending. */
async function readLayers(job: Job): Promise<{ layers: readonly Descriptor[]; readBytes: number }> {
  const { source, files, meter, concurrency, signal } = job;
  const jobs = { concurrency, ...waitOptions(signal) };
  const sizes = await eachConcurrently(files, jobs, (file, stop) => source.measure(file, { signal: stop }));
  const measuredBytes = sum(sizes);
  meter.expect(2 * measuredBytes);
  let readBytes = 0;
  const layers = await eachConcurrently(files, jobs, (file, stop) =>
    source.add(file, {
      signal: stop,
      onBytes: (delta) => {
        readBytes += delta;
        meter.add(delta, `Reading ${file.title}`);
      },
    }),
  );
  return { layers, readBytes };
}

interface Layers {
  readonly layers: readonly Descriptor[];
  readonly readBytes: number;
}

type Counts = Pick<PushResult, 'pushedBytes' | 'skippedBytes'>;

async function send(job: Job, manifest: ManifestContent, { layers, readBytes }: Layers): Promise<Counts> {
  const { destination, meter, concurrency, signal } = job;
  const blobs = distinct([emptyDescriptor, ...layers]);
  const totalBytes = sum(blobs.map(({ size }) => size)) + manifest.descriptor.size;
  meter.expect(readBytes + totalBytes);
  const present = await destination.exists(manifest.descriptor, waitOptions(signal));
  if (present) {
    meter.add(totalBytes, 'Already there');
    return { pushedBytes: 0, skippedBytes: totalBytes };
  }
  const jobs = { concurrency, ...waitOptions(signal) };
  const sent = await eachConcurrently(blobs, jobs, (blob, stop) => sendBlob(job, blob, stop));
  await sendContent(job, manifest.descriptor, {
    content: bytesContent(manifest.bytes),
    name: 'the manifest',
    ...waitOptions(signal),
  });
  const pushedBytes = sum(sent) + manifest.descriptor.size;
  return { pushedBytes, skippedBytes: totalBytes - pushedBytes };
}

/** The bytes that had to be sent: the blob's size, or 0. */
async function sendBlob(job: Job, blob: Descriptor, signal: AbortSignal): Promise<number> {
  const name = blob.annotations?.['org.opencontainers.image.title'] ?? 'the config';
  const step = { side: 'destination', step: `Looking for ${name}`, digest: blob.digest } as const;
  if (await copyStep(step, () => job.destination.exists(blob, { signal }))) {
    job.meter.add(blob.size, `Already there: ${name}`);
    return 0;
  }
  const content =
    blob.digest === emptyDescriptor.digest ? bytesContent(EMPTY_BLOB) : job.source.content(blob);
  await sendContent(job, blob, { content, name, signal });
  return blob.size;
}

async function sendContent(
  { destination, meter }: Job,
  descriptor: Descriptor,
  { content, name, signal }: { content: ContentSource; name: string; signal?: AbortSignal },
): Promise<void> {
  const step = { side: 'destination', step: `Sending ${name}`, digest: descriptor.digest } as const;
  const onBytes = (delta: number) => meter.add(delta, step.step);
  await copyStep(step, () => destination.push(descriptor, content, { ...waitOptions(signal), onBytes }));
}

/** Files with clean titles. Errors: UnsafePathError for a title that no pull would write, InvalidContentError. */
function checkedFiles(files: readonly LocalFile[]): readonly LocalFile[] {
  const seen = new Set<string>();
  return files.map((file) => {
    const problem = titleProblem(file.title, 'linux');
    if (problem) throw new UnsafePathError(file.title, problem);
    const title = cleanTitle(file.title);
    if (seen.has(title)) throw new InvalidContentError(`The title "${title}"`, 'two files have it');
    seen.add(title);
    if (file.mediaType) requireMediaType(file.mediaType, `media type of "${title}"`);
    return { ...file, title };
  });
}

function requireTag(tag: string): void {
  const problem = tagProblem(tag);
  if (problem) throw new InvalidReferenceError(tag, 'tag', problem);
}

function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map<Digest, Descriptor>(descriptors.map((each) => [each.digest, each])).values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function waitOptions(signal: AbortSignal | undefined): WaitOptions {
  return signal ? { signal } : {};
}
