import { canListReferrers } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import { NotFoundError } from '../oci/errors';
import type { Progress } from '../oci/progress';
import type { Reader, TagLister, WaitOptions } from '../oci/target';
import { eachConcurrently } from './eachConcurrently';
import { referrersOf } from './referrersOf';
import { waitOptions } from './waitOptions';

/** What goes when a manifest is deleted. */
export interface DeletePlan {
  readonly descriptor: Descriptor;
  /** Every tag on it, the one asked about among them. */
  readonly tags: readonly string[];
  /** False when there are more tags than were looked at. */
  readonly sawAllTags: boolean;
  /** What refers to it, and will refer to nothing. */
  readonly referrers: readonly Descriptor[];
}

export interface PlanDeleteOptions extends WaitOptions {
  /** How many tags are looked at; 1,000 by default. Each costs a request. */
  readonly maxTags?: number;
  /** Tags resolved at once; 5 by default. */
  readonly concurrency?: number;
  /** Told in tags, not bytes. */
  readonly onProgress?: (progress: Progress) => void;
}

const DEFAULT_MAX_TAGS = 1_000;
const DEFAULT_CONCURRENCY = 5;

/**
 * Looks for everything that a delete would take along, before it is done: registries delete a manifest with all tags
 * on it. Errors: NotFoundError; those of the target.
 */
export async function planDelete(
  target: Reader & TagLister,
  reference: string,
  options: PlanDeleteOptions = {},
): Promise<DeletePlan> {
  const { maxTags = DEFAULT_MAX_TAGS } = options;
  const wait = waitOptions(options);
  const descriptor = await target.resolve(reference, wait);
  const names = await firstTags(target, maxTags + 1, wait);
  const tags = await tagsOn(target, { descriptor, names: names.slice(0, maxTags) }, options);
  const referrers = canListReferrers(target) ? await referrersOf(target, descriptor, wait) : [];
  return { descriptor, tags, sawAllTags: names.length <= maxTags, referrers };
}

async function firstTags(target: TagLister, count: number, wait: WaitOptions): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of target.tags(wait)) {
    names.push(name);
    if (names.length >= count) break;
  }
  return names;
}

async function tagsOn(
  target: Reader,
  { descriptor, names }: { readonly descriptor: Descriptor; readonly names: readonly string[] },
  options: PlanDeleteOptions,
): Promise<readonly string[]> {
  const { concurrency = DEFAULT_CONCURRENCY, onProgress } = options;
  let done = 0;
  const jobs = { concurrency, ...waitOptions(options) };
  const found = await eachConcurrently(names, jobs, async (name, signal) => {
    const isOn = await isTagOn(target, name, { descriptor, signal });
    onProgress?.({ doneBytes: ++done, totalBytes: names.length, current: name });
    return isOn;
  });
  return names.filter((_, index) => found[index]);
}

/** A tag that went meanwhile is on nothing. */
async function isTagOn(
  target: Reader,
  name: string,
  { descriptor, signal }: { readonly descriptor: Descriptor; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    return (await target.resolve(name, { signal })).digest === descriptor.digest;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}
