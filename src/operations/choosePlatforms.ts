// The package's main file is UMD, which a bundler cannot follow.
import { parseTree, type Node } from 'jsonc-parser/lib/esm/main';
import { platformName, type Descriptor, type Platform } from '../oci/descriptor';
import { InvalidContentError } from '../oci/errors';
import { parseUsable, type UsableManifest } from '../oci/manifest';
import { isIndexType } from '../oci/mediaTypes';
import { keptPlatforms } from '../oci/platform';
import type { ManifestContent, Reader, WaitOptions } from '../oci/target';
import { descriptorOf } from './artifactManifest';
import { chosenManifest, resolvePlatform } from './resolvePlatform';
import { waitOptions } from './waitOptions';
import { WithManifest } from './withManifest';

/** None stands for all platforms. */
export interface PlatformsOptions extends WaitOptions {
  readonly platforms?: readonly Platform[];
}

/** Where to begin to read: `root` can be read from `source`. */
export interface ChosenRoot {
  readonly source: Reader;
  readonly root: Descriptor;
}

/** What BuildKit writes on the attestation of an image that stands beside it in an index. */
const ATTESTED = 'vnd.docker.reference.digest';

/**
 * What a tag or digest stands for on some platforms: for one its manifest, for several the index reduced to them, which
 * is a new one unless they are all. Errors: InvalidContentError for a platform that is not there; NotFoundError.
 * Source: `oras cp --platform`.
 */
export async function choosePlatforms(
  source: Reader,
  reference: string,
  { platforms = [], ...options }: PlatformsOptions,
): Promise<ChosenRoot> {
  const wait = waitOptions(options);
  const [platform] = platforms;
  if (platform && platforms.length === 1)
    return { source, root: await resolvePlatform(source, reference, { ...wait, platform }) };
  const index = await source.readManifest(reference, wait);
  if (!platform) return { source: new WithManifest(source, index), root: index.descriptor };
  const reduced = reducedIndex(index, platforms, reference);
  if (reduced === index) return { source, root: index.descriptor };
  return { source: new WithManifest(source, reduced), root: reduced.descriptor };
}

/**
 * An index with its entries for some platforms alone, and the attestations of those: every other member as it was
 * written. The same object when nothing is left out. Errors: InvalidContentError.
 */
export function reducedIndex(
  index: ManifestContent,
  platforms: readonly Platform[],
  reference: string,
): ManifestContent {
  const manifest = parseUsable(index.bytes, index.descriptor.mediaType);
  if (!isIndexType(manifest.mediaType))
    throw new InvalidContentError(
      `"${reference}"`,
      `it is no index, so that it cannot be reduced to ${platforms.map(platformName).join(', ')}`,
    );
  for (const platform of platforms) chosenManifest(manifest, platform, reference);
  const kept = keptEntries(manifest, platforms);
  if (!kept.includes(false)) return index;
  const bytes = withoutEntries(Buffer.from(index.bytes).toString('utf8'), kept, reference);
  return { descriptor: descriptorOf(index.descriptor.mediaType, bytes), bytes };
}

/** One answer for each entry as it is written: none that cannot be used is kept. */
function keptEntries(
  { manifests: entries, problems }: UsableManifest,
  platforms: readonly Platform[],
): readonly boolean[] {
  const wanted = new Set(platforms.flatMap((platform) => keptPlatforms(entries, platform)));
  const digests = new Set<string>([...wanted].map(({ digest }) => digest));
  const kept = entries.map((entry) => wanted.has(entry) || digests.has(entry.annotations?.[ATTESTED] ?? ''));
  for (const { at } of problems) kept.splice(at, 0, false);
  return kept;
}

/** Members and entries are taken as they are written, so that numbers and unknown members stay what they are. */
function withoutEntries(text: string, kept: readonly boolean[], reference: string): Buffer {
  const written = ({ offset, length }: Node) => text.slice(offset, offset + length);
  const members = (parseTree(text)?.children ?? []).map(({ children: [key, value] = [] }) => ({
    key,
    value,
  }));
  const lists = members.filter(({ key }) => key?.value === 'manifests');
  const entries = lists[0]?.value?.children ?? [];
  if (lists.length !== 1 || entries.length !== kept.length)
    throw new InvalidContentError(`"${reference}"`, 'it has two lists of manifests');
  const list = `[${entries
    .filter((_, at) => kept[at])
    .map(written)
    .join(',')}]`;
  const all = members.map(({ key, value }) => {
    const content = key?.value === 'manifests' ? list : value && written(value);
    return `${key && written(key)}:${content}`;
  });
  return Buffer.from(`{${all.join(',')}}`);
}
