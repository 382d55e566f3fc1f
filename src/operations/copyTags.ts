import { InvalidContentError } from '../oci/errors';
import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { Reader, TagLister, WaitOptions, Writer } from '../oci/target';
import type { TransferCounts } from './contentSender';
import { DEFAULT_CONCURRENCY } from './copy';
import { CopyRun } from './copyRun';
import { eachConcurrently } from './eachConcurrently';
import { settling } from './settling';
import { requireTag } from './tag';
import { waitOptions } from './waitOptions';

/** Which tags to copy, and with what. */
export interface CopyTagsOptions extends WaitOptions {
  /** All tags by default. */
  readonly tags?: readonly string[];
  /** Takes along what refers to each. */
  readonly referrers?: boolean;
  readonly force?: boolean;
  readonly concurrency?: number;
  /** `current` says which tag; the total is guessed by the tags that were read, until all are. */
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
  /** Tags of signatures that the destination keeps, for they hold some that the source lacks. */
  readonly keptSignatureTags: readonly string[];
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
  tags.forEach(requireTag);
  const { concurrency = DEFAULT_CONCURRENCY, onProgress, ...rest } = options;
  // All tags have those of signatures among them.
  const signatureTags = options.referrers === true && options.tags !== undefined;
  const run = new CopyRun({ ...rest, source, destination, concurrency, onProgress, signatureTags });
  const work = () => copyEach(run, tags, { concurrency, ...waitOptions(options) });
  const copied = await settling(destination, work, waitOptions(options));
  return { tags: copied, ...run.sender.counts, keptSignatureTags: run.keptSignatureTags };
}

/** Tags wait for answers most of the time. What is done at once for all of them, the run bounds. */
function copyEach(
  run: CopyRun,
  tags: readonly string[],
  options: WaitOptions & { readonly concurrency: number },
): Promise<readonly CopiedTag[]> {
  let knownBytes = 0;
  let knownTags = 0;
  const know = (sizeBytes: number) => {
    knownBytes += sizeBytes;
    run.meter.expect(Math.round((knownBytes * tags.length) / ++knownTags));
  };
  return eachConcurrently(tags, { ...options, isSmall: () => true }, async (tag, signal) => {
    const { root, referrers } = await run.copy({ reference: tag, tags: [tag], of: tag, signal }, know);
    return { tag, root, referrers };
  });
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
