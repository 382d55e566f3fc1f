import type { Digest } from '../oci/digest';
import { InvalidContentError, InvalidReferenceError } from '../oci/errors';
import type { Descriptor } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import { tagProblem } from '../oci/reference';
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

/** A listed tag that could not be copied. */
export interface LeftOutTag {
  /** As listed; it may be no tag at all. */
  readonly tag: string;
  readonly error: Error;
}

export interface CopyTagsResult extends TransferCounts {
  readonly tags: readonly CopiedTag[];
  /** Tags of signatures that the destination keeps, for they hold some that the source lacks. */
  readonly keptSignatureTags: readonly string[];
  /** None where the tags were named by the caller. */
  readonly leftOut: readonly LeftOutTag[];
  /** Layers that stay where their `urls` say: none of them was copied. */
  readonly elsewhere: readonly Descriptor[];
}

/** The tags under which clients keep lists of referrers; what the lists say is copied as referrers. */
const REFERRERS_TAG = /^(?:sha256-[0-9a-f]{64}|sha512-[0-9a-f]{64})$/;
const MAX_TAGS = 100_000;

/**
 * Copies a whole repository, or chosen tags: a backup when the destination is an OCI layout, a restore when the source
 * is one. Tags that are there already move. Of all tags, one that is no tag or whose content the source does not have is
 * left out; one that the caller named is an error. Errors: InvalidContentError for a repository without tags; those of
 * `copy`, of all tags only where none could be copied. Source: `oras backup` and `oras restore`.
 */
export async function copyTags(
  source: Reader & TagLister,
  destination: Reader & Writer,
  options: CopyTagsOptions = {},
): Promise<CopyTagsResult> {
  const { tags, leftOut } = options.tags ? named(options.tags) : await allTags(source, options);
  if (tags.length + leftOut.length === 0) throw new InvalidContentError('The repository', 'it has no tags');
  const { concurrency = DEFAULT_CONCURRENCY, onProgress, ...rest } = options;
  // All tags have those of signatures among them.
  const signatureTags = options.referrers === true && options.tags !== undefined;
  const run = new CopyRun({ ...rest, source, destination, concurrency, onProgress, signatureTags });
  const job = { tags, mayLeaveOut: !options.tags, concurrency, ...waitOptions(options) };
  const copied = await settling(destination, () => copyEach(run, job), waitOptions(options));
  leftOut.push(...copied.leftOut);
  const [first] = leftOut;
  if (first && copied.tags.length === 0) throw first.error;
  const { keptSignatureTags, sender } = run;
  return { ...copied, leftOut, ...sender.counts, keptSignatureTags };
}

interface Listed {
  readonly tags: readonly string[];
  readonly leftOut: LeftOutTag[];
}

/** Errors: InvalidReferenceError. */
function named(tags: readonly string[]): Listed {
  if (tags.length === 0) throw new InvalidContentError('The repository', 'it has no tags');
  tags.forEach(requireTag);
  return { tags, leftOut: [] };
}

interface EachJob extends WaitOptions {
  readonly tags: readonly string[];
  readonly mayLeaveOut: boolean;
  readonly concurrency: number;
}

/** Tags wait for answers most of the time. What is done at once for all of them, the run bounds. */
async function copyEach(run: CopyRun, { tags, mayLeaveOut, ...options }: EachJob) {
  let knownBytes = 0;
  let knownTags = 0;
  const know = (sizeBytes: number) => {
    knownBytes += sizeBytes;
    run.meter.expect(Math.round((knownBytes * tags.length) / ++knownTags));
  };
  const leftOut: LeftOutTag[] = [];
  const elsewhere = new Map<Digest, Descriptor>();
  const copied = await eachConcurrently(tags, { ...options, isSmall: () => true }, async (tag, signal) => {
    try {
      const item = await run.copy({ reference: tag, tags: [tag], of: tag, signal }, know);
      for (const layer of item.elsewhere) elsewhere.set(layer.digest, layer);
      return [{ tag, root: item.root, referrers: item.referrers }];
    } catch (error) {
      signal.throwIfAborted();
      if (!mayLeaveOut || !(error instanceof Error) || !run.isUnusableSource(error)) throw error;
      leftOut.push({ tag, error });
      return [];
    }
  });
  return { tags: copied.flat(), leftOut, elsewhere: [...elsewhere.values()] };
}

/** The tags that a registry or a layout lists, each once. */
async function allTags(source: TagLister, options: CopyTagsOptions): Promise<Listed> {
  const listed = new Set<string>();
  for await (const tag of source.tags(waitOptions(options))) {
    if (!options.referrers || !REFERRERS_TAG.test(tag)) listed.add(tag);
    if (listed.size > MAX_TAGS)
      throw new InvalidContentError('The repository', `it has more than ${MAX_TAGS} tags`);
  }
  const isTag = (name: string) => tagProblem(name) === undefined;
  const leftOut = [...listed].filter((name) => !isTag(name)).map((tag) => ({ tag, error: notATag(tag) }));
  return { tags: [...listed].filter(isTag), leftOut };
}

function notATag(name: string): InvalidReferenceError {
  return new InvalidReferenceError(name, 'tag', tagProblem(name) ?? '');
}
