import { annotationKeys } from '../oci/annotations';
import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { mediaTypes } from '../oci/mediaTypes';
import type { ContentSource, FileSource, LocalFile, WaitOptions } from '../oci/target';
import { annotated, emptyDescriptor, EMPTY_BLOB, generatedConfig } from './artifactManifest';
import { bytesContent } from './bytesContent';
import type { Outgoing } from './contentSender';
import { eachConcurrently } from './eachConcurrently';
import type { ManifestPlan } from './manifestPlan';
import type { ByteMeter } from './progress';
import { waitOptions } from './waitOptions';

/** A file to be the manifest's config. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** `application/vnd.unknown.config.v1+json` by default. */
  readonly mediaType?: string;
}

/** What is read for one artifact, and how it will be written. */
export interface ReadingJob {
  readonly source: FileSource;
  readonly files: readonly LocalFile[];
  readonly plan: ManifestPlan;
  readonly meter: ByteMeter;
  /** True when what is read is sent as well: then only what is sent counts, and reading is a phase of its own. */
  readonly isSent: boolean;
  readonly concurrency: number;
  readonly options: WaitOptions & { readonly config?: ConfigFile };
}

/** The content of an artifact, read once: what the manifest names, and the blobs to send. */
export interface ArtifactContent {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly blobs: readonly Outgoing[];
}

/** Reads every file once for its digest; folders are packed. */
export async function readContent(job: ReadingJob): Promise<ArtifactContent> {
  const { source, files, options, plan, meter, isSent, concurrency } = job;
  const configFile = options.config && configOf(options.config);
  const all = configFile ? [configFile, ...files] : files;
  const jobs = { concurrency, ...waitOptions(options) };
  const sizes = await eachConcurrently(all, jobs, (file, stop) => source.measure(file, { signal: stop }));
  meter.expect(sum(sizes));
  meter.expectReading(sum(sizes));
  const found = await eachConcurrently(all, jobs, async (file, stop) => {
    const counted = [file.title, sizes[all.indexOf(file)] ?? 0, `Reading ${file.title}`] as const;
    const onBytes = isSent ? meter.reading(...counted) : meter.item(...counted);
    return source.add(file, { signal: stop, onBytes });
  });
  const layers = found
    .slice(all.length - files.length)
    .map((layer, index) => withAnnotations(layer, files[index]));
  const own = configFile && found[0] && annotated(found[0], plan.configAnnotations);
  return { ...withConfig(job, layers, own), layers };
}

function withConfig(job: ReadingJob, layers: readonly Descriptor[], own: Descriptor | undefined) {
  const generated = own ? undefined : generatedConfig(job.plan);
  const config = own ?? generated?.descriptor ?? emptyDescriptor;
  const inMemory = new Map<Digest, Uint8Array>([[emptyDescriptor.digest, EMPTY_BLOB]]);
  if (generated) inMemory.set(generated.descriptor.digest, generated.bytes);
  const needsEmpty = layers.length === 0 && job.plan.imageSpec === 'v1.1';
  const contentOf = (blob: Descriptor): ContentSource => {
    const bytes = inMemory.get(blob.digest);
    return bytes ? bytesContent(bytes) : job.source.content(blob);
  };
  const blobs = distinct([config, ...(needsEmpty ? [emptyDescriptor] : []), ...layers]).map((descriptor) => {
    const title = descriptor.annotations?.[annotationKeys.title];
    return { descriptor, content: contentOf(descriptor), name: title ?? 'the config' };
  });
  return { config, blobs };
}

function configOf({ path, mediaType = mediaTypes.unknownConfig }: ConfigFile): LocalFile {
  return { path, title: 'config', mediaType };
}

function withAnnotations(layer: Descriptor, file: LocalFile | undefined): Descriptor {
  const annotations = { ...layer.annotations, ...file?.annotations };
  return annotated(layer, annotations);
}

function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const byDigest = new Map<Digest, Descriptor>();
  for (const each of descriptors) if (!byDigest.has(each.digest)) byDigest.set(each.digest, each);
  return [...byDigest.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
