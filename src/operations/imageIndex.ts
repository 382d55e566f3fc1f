import type { Annotations, Descriptor } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import { InvalidContentError } from '../oci/errors';
import { encodeImageIndex, MAX_MANIFEST_BYTES, parseManifest } from '../oci/manifest';
import { isImageConfigType, isIndexType, isManifestType, mediaTypes } from '../oci/mediaTypes';
import type { ManifestContent, Reader, WaitOptions, Writer } from '../oci/target';
import { descriptorOf, plain } from './artifactManifest';
import { requireMediaType } from './manifestPlan';
import { pushManifestContent } from './manifest';
import { configPlatform } from './resolvePlatform';
import { waitOptions } from './waitOptions';

/** What an index is made of. */
export interface CreateIndexOptions extends WaitOptions {
  /** Tags or digests of manifests in the same repository, in their order. */
  readonly manifests: readonly string[];
  readonly tags: readonly string[];
  readonly artifactType?: string;
  readonly annotations?: Annotations;
}

/** What is to become of an index. Removing comes first, then adding, then merging. */
export interface UpdateIndexOptions extends WaitOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly Digest[];
  /** Indexes whose manifests are added. */
  readonly merge?: readonly string[];
  /** An empty one takes the type away; none leaves it. */
  readonly artifactType?: string;
  /** All annotations that the index shall have; none leaves them. */
  readonly annotations?: Annotations;
  /** Tags of the new index; the updated reference is among them when it is a tag that shall move. */
  readonly tags: readonly string[];
}

/**
 * The index of some manifests, not pushed yet, for a preview. Errors: NotFoundError, InvalidContentError.
 * Source: `oras manifest index create`.
 */
export async function previewIndex(
  source: Reader,
  options: Omit<CreateIndexOptions, 'tags'>,
): Promise<ManifestContent> {
  const { artifactType, annotations } = options;
  if (artifactType) requireMediaType(artifactType, 'artifact type');
  const manifests = await entriesOf(source, options.manifests, options);
  return indexOf({ manifests, ...(artifactType && { artifactType }), ...(annotations && { annotations }) });
}

/** Pushes an index of manifests that are there and tags it. Errors: as `previewIndex`; those of the target. */
export async function createIndex(
  target: Reader & Writer,
  options: CreateIndexOptions,
): Promise<ManifestContent> {
  const index = await previewIndex(target, options);
  await pushManifestContent(target, index, options);
  return index;
}

/**
 * What an index will be, not pushed yet. Errors: NotFoundError; InvalidContentError for what is no index, or a digest to
 * remove that is not in it. Source: `oras manifest index update`.
 */
export async function previewIndexUpdate(
  source: Reader,
  reference: string,
  options: Omit<UpdateIndexOptions, 'tags'>,
): Promise<ManifestContent> {
  const now = await readIndex(source, reference, options);
  const { add = [], remove = [], merge = [], annotations = now.annotations } = options;
  const artifactType = options.artifactType ?? now.artifactType;
  if (artifactType) requireMediaType(artifactType, 'artifact type');
  const absent = remove.find((digest) => !now.manifests.some((entry) => entry.digest === digest));
  if (absent) throw new InvalidContentError(`"${reference}"`, `the manifest ${absent} is not in it`);
  const manifests = now.manifests.filter(({ digest }) => !remove.includes(digest));
  manifests.push(...(await entriesOf(source, add, options)));
  for (const each of merge) manifests.push(...(await readIndex(source, each, options)).manifests);
  return indexOf({
    mediaType: now.mediaType,
    manifests,
    ...(artifactType && { artifactType }),
    ...(now.subject && { subject: now.subject }),
    annotations,
  });
}

/** Pushes the changed index and tags it. Errors: as `previewIndexUpdate`; those of the target. */
export async function updateIndex(
  target: Reader & Writer,
  reference: string,
  options: UpdateIndexOptions,
): Promise<ManifestContent> {
  const index = await previewIndexUpdate(target, reference, options);
  await pushManifestContent(target, index, options);
  return index;
}

function indexOf(fields: Parameters<typeof encodeImageIndex>[0]): ManifestContent {
  const bytes = encodeImageIndex(fields);
  if (bytes.length > MAX_MANIFEST_BYTES)
    throw new InvalidContentError('The index', `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
  return { descriptor: descriptorOf(fields.mediaType ?? mediaTypes.ociIndex, bytes), bytes };
}

async function readIndex(source: Reader, reference: string, options: WaitOptions) {
  const { descriptor, bytes } = await source.readManifest(reference, waitOptions(options));
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (isIndexType(manifest.mediaType)) return { ...manifest, manifests: [...manifest.manifests] };
  throw new InvalidContentError(`"${reference}"`, 'it is no index');
}

async function entriesOf(
  source: Reader,
  references: readonly string[],
  options: WaitOptions,
): Promise<readonly Descriptor[]> {
  const entries: Descriptor[] = [];
  for (const reference of references) entries.push(await entryOf(source, reference, waitOptions(options)));
  return entries;
}

/** How a manifest stands in an index: with the platform of its config, and its type unless it is a plain image. */
async function entryOf(source: Reader, reference: string, wait: WaitOptions): Promise<Descriptor> {
  const { descriptor, bytes } = await source.readManifest(reference, wait);
  if (!isManifestType(descriptor.mediaType))
    throw new InvalidContentError(`"${reference}"`, 'it is no manifest');
  const manifest = parseManifest(bytes, descriptor.mediaType);
  const platform = await configPlatform(source, manifest, wait);
  const { artifactType } = manifest;
  const isPlain = !artifactType || artifactType === mediaTypes.ociEmpty || isImageConfigType(artifactType);
  return {
    ...plain(descriptor),
    ...(platform && { platform }),
    ...(!isPlain && { artifactType }),
  };
}
