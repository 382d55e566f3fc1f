import type { AnnotationFile } from '../oci/annotationFile';
import type { Descriptor } from '../oci/descriptor';
import type { FileSource, LocalFile, ManifestContent, WaitOptions } from '../oci/target';
import { readContent, type ArtifactContent, type ConfigFile } from './artifactContent';
import { artifactManifest } from './artifactManifest';
import { planManifest, requireMediaType, type ArtifactFields } from './manifestPlan';
import type { ByteMeter } from './progress';
import { checkedFiles } from './pushFiles';

/** What an artifact is made of. No files make an artifact of annotations alone. */
export interface ArtifactOptions extends ArtifactFields, WaitOptions {
  readonly files: readonly LocalFile[];
  readonly config?: ConfigFile;
  /** Annotations by part; those of the other options count more. */
  readonly annotationFile?: AnnotationFile;
  /** What it is attached to; see `attach`. */
  readonly subject?: Descriptor;
  /** Files read and blobs sent at once; 5 by default. */
  readonly concurrency?: number;
}

/** An artifact as it is read from disk, complete and not yet sent anywhere. */
export interface ReadArtifact extends ArtifactContent {
  readonly manifest: ManifestContent;
}

/** Who counts the bytes; `isSent` when what is read is sent as well. */
export interface ReadingMeter {
  readonly meter: ByteMeter;
  readonly isSent: boolean;
}

/** How many files are read, or blobs sent, at once. */
export const DEFAULT_CONCURRENCY = 5;

/**
 * Reads files and folders, and writes the manifest of the artifact that they make.
 * Errors: InvalidContentError and UnsafePathError before anything is read; FileError.
 */
export async function readArtifact(
  source: FileSource,
  options: ArtifactOptions,
  { meter, isSent }: ReadingMeter,
): Promise<ReadArtifact> {
  const { annotationFile, config, subject, concurrency = DEFAULT_CONCURRENCY } = options;
  const files = checkedFiles(options.files, annotationFile);
  const plan = planManifest(
    {
      ...options,
      annotations: { ...annotationFile?.manifest, ...options.annotations },
      configAnnotations: { ...annotationFile?.config, ...options.configAnnotations },
    },
    { hasConfig: config !== undefined, hasSubject: subject !== undefined },
  );
  if (config?.mediaType) requireMediaType(config.mediaType, 'media type of the config');
  const content = await readContent({ source, files, options, plan, meter, isSent, concurrency });
  const { layers } = content;
  const links = { config: content.config, layers, ...(subject && { subject }) };
  return { ...content, manifest: artifactManifest(plan, links) };
}
