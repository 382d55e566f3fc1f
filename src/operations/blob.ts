import { annotationKeys } from '../oci/annotations';
import type { Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { UnsafePathError } from '../oci/errors';
import { mediaTypes } from '../oci/mediaTypes';
import type { Progress } from '../oci/progress';
import type { BlobResolver, FileSink, FileSource, Reader, Remover, WaitOptions, Writer } from '../oci/target';
import { titleProblem } from '../oci/title';
import { plain } from './artifactManifest';
import { ContentSender } from './contentSender';
import { EarlySending } from './earlySending';
import { embeddedContent } from './embeddedContent';
import { requireMediaType } from './manifestPlan';
import { ByteMeter } from './progress';
import { pull } from './pull';
import { waitOptions } from './waitOptions';

/** A file to push as a blob of its own. */
export interface PushBlobOptions extends WaitOptions {
  /** Absolute. */
  readonly path: string;
  /** An image layer by default, as `oras blob push` has it; registries do not keep it. */
  readonly mediaType?: string;
  /** As `PushOptions` has it. */
  readonly earlyBytes?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** Where a blob goes. */
export interface FetchBlobOptions extends WaitOptions {
  /** The file's name below the sink's folder. */
  readonly title: string;
  /** The content in base64, where it stands in the blob's descriptor. */
  readonly data?: string | undefined;
  readonly onProgress?: (progress: Progress) => void;
}

/** Pushes a file as a blob, unless it is there. Errors: FileError; those of the target; CopyError. */
export async function pushBlob(
  source: FileSource,
  target: Reader & Writer,
  options: PushBlobOptions,
): Promise<Descriptor> {
  const { path, mediaType = mediaTypes.ociLayer } = options;
  requireMediaType(mediaType, 'media type');
  const wait = waitOptions(options);
  const meter = new ByteMeter(options.onProgress);
  const file = { path, title: path, mediaType };
  const early = new EarlySending({ source, destination: target, meter }, options);
  const sizeBytes = await early.measure(file, wait);
  meter.expect(sizeBytes);
  meter.expectReading(sizeBytes);
  const onBytes = meter.reading(path, sizeBytes, `Reading ${path}`);
  try {
    const descriptor = plain(await early.add(file, { ...wait, onBytes }));
    const blob = { descriptor, content: source.content(descriptor), name: path };
    await new ContentSender({ destination: target, meter, early }).sendBlob(blob, wait);
    return descriptor;
  } finally {
    await early.end();
  }
}

/** Writes a blob to a file, verified. Errors: NotFoundError, UnsafePathError, FileError, ContentMismatchError. */
export async function fetchBlob(
  source: Reader & BlobResolver,
  digest: Digest,
  sink: FileSink,
  options: FetchBlobOptions,
): Promise<Descriptor> {
  const problem = titleProblem(options.title, process.platform);
  if (problem) throw new UnsafePathError(options.title, problem);
  const found =
    embeddedBlob(digest, options.data) ?? (await source.resolveBlob(digest, waitOptions(options)));
  const descriptor = { ...found, annotations: { [annotationKeys.title]: options.title } };
  const files = [{ title: options.title, descriptor, unpack: false }];
  const plan = { root: found, manifests: [], files, skipped: [], totalBytes: found.size };
  await pull(source, plan, sink, { ...options, policy: 'overwrite' });
  return found;
}

/** Undefined for data that is not what the digest says. */
function embeddedBlob(digest: Digest, data: string | undefined): Descriptor | undefined {
  if (data === undefined) return undefined;
  const size = Buffer.from(data, 'base64').length;
  const descriptor = { mediaType: mediaTypes.octets, digest, size, data };
  return embeddedContent(descriptor) && descriptor;
}

/** Deletes a blob. Manifests that name it are broken by it. Errors: NotFoundError, UnsupportedError. */
export async function deleteBlob(
  target: BlobResolver & Remover,
  digest: Digest,
  options: WaitOptions = {},
): Promise<Descriptor> {
  const descriptor = await target.resolveBlob(digest, waitOptions(options));
  await target.remove(descriptor, waitOptions(options));
  return descriptor;
}
