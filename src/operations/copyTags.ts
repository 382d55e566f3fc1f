import { InvalidContentError } from '../oci/errors';
import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { Reader, TagLister, WaitOptions, Writer } from '../oci/target';
import type { TransferCounts } from './contentSender';
import { copy } from './copy';
import { settling } from './settling';
import { waitOptions } from './waitOptions';

/** Which tags to copy, and with what. */
export interface CopyTagsOptions extends WaitOptions {
  /** All tags by default. */
  readonly tags?: readonly string[];
  /** Takes along what refers to each. */
  readonly referrers?: boolean;
  readonly force?: boolean;
  readonly concurrency?: number;
  /** Told for one tag after the other; `current` says which. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What was copied for one tag. */
export interface CopiedTag {
  readonly tag: string;
  readonly root: Descriptor;
  readonly referrers: number;
}

export interface CopyTagsResult extends TransferCounts {
  readonly tags: readonly CopiedTag[];
}

/** The tags under which clients keep lists of referrers; what the lists say is copied as referrers. */
const REFERRERS_TAG = /^(?:sha256-[0-9a-f]{64}|sha512-[0-9a-f]{64})$/;
const MAX_TAGS = 100_000;

/**
 * Copies a whole repository, or chosen tags: a backup when the destination is an OCI layout, a restore when the source
 * is one. Tags that are there already move. Errors: InvalidContentError for a repository without tags; those of `copy`.
 * Source: `oras backup` and `oras restore`.
 */
export async function copyTags(
  source: Reader & TagLister,
  destination: Reader & Writer,
  options: CopyTagsOptions = {},
): Promise<CopyTagsResult> {
  const tags = options.tags ?? (await allTags(source, options));
  if (tags.length === 0) throw new InvalidContentError('The repository', 'it has no tags');
  const run = () => copyEach(source, destination, tags, options);
  return settling(destination, run, waitOptions(options));
}

async function copyEach(
  source: Reader,
  destination: Reader & Writer,
  tags: readonly string[],
  options: CopyTagsOptions,
): Promise<CopyTagsResult> {
  const copied: CopiedTag[] = [];
  const counts = { pushedBytes: 0, skippedBytes: 0, mountedBytes: 0 };
  for (const tag of tags) {
    const result = await copy(source, destination, tag, { ...optionsFor(tag, options), tags: [tag] });
    counts.pushedBytes += result.pushedBytes;
    counts.skippedBytes += result.skippedBytes;
    counts.mountedBytes += result.mountedBytes;
    copied.push({ tag, root: result.root, referrers: result.referrers });
  }
  return { tags: copied, ...counts };
}

async function allTags(source: TagLister, options: CopyTagsOptions): Promise<readonly string[]> {
  const tags: string[] = [];
  for await (const tag of source.tags(waitOptions(options))) {
    if (!options.referrers || !REFERRERS_TAG.test(tag)) tags.push(tag);
    if (tags.length > MAX_TAGS)
      throw new InvalidContentError('The repository', `it has more than ${MAX_TAGS} tags`);
  }
  return tags;
}

function optionsFor(tag: string, { onProgress, ...rest }: CopyTagsOptions): Omit<CopyTagsOptions, 'tags'> {
  if (!onProgress) return rest;
  const tell = (progress: Progress) =>
    onProgress({ ...progress, current: progress.current ? `${tag}: ${progress.current}` : tag });
  return { ...rest, onProgress: tell };
}
