import { canListReferrers } from '../oci/abilities';
import type { Descriptor } from '../oci/descriptor';
import { ContentMismatchError, InvalidContentError } from '../oci/errors';
import { parseUsable } from '../oci/manifest';
import { isIndexType } from '../oci/mediaTypes';
import type { Progress } from '../oci/progress';
import { tagProblem } from '../oci/reference';
import { signatureTagsOf, type SignatureTag } from '../oci/signatureTags';
import type { Reader, TagLister, WaitOptions } from '../oci/target';
import { isUnusableContent } from '../oci/unusableContent';
import { eachConcurrently } from './eachConcurrently';
import { referrersOf } from './referrersOf';
import { taggedSignatures } from './taggedSignatures';
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
  /** What cosign keeps under tags about it and about an index's platforms: the tags stay. */
  readonly signatureTags: readonly SignatureTag[];
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
/** How many platforms of an index are looked at for signatures. */
const MAX_PLATFORMS = 100;

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
  const sawAllTags = names.length <= maxTags;
  const known = sawAllTags ? { names: new Set(names) } : {};
  const signatureTags = await signatureTagsAbout(target, descriptor, { ...known, ...options });
  return { descriptor, tags, sawAllTags, referrers, signatureTags };
}

/** Looked for among the names of all tags, else one by one. */
async function signatureTagsAbout(
  target: Reader,
  root: Descriptor,
  {
    names,
    concurrency = DEFAULT_CONCURRENCY,
    ...options
  }: PlanDeleteOptions & { names?: ReadonlySet<string> },
): Promise<readonly SignatureTag[]> {
  const wait = waitOptions(options);
  const platforms = isIndexType(root.mediaType) ? await childrenOf(target, root, wait) : [];
  const about = [root, ...platforms.slice(0, MAX_PLATFORMS)];
  if (names)
    return about.flatMap(({ digest }) => signatureTagsOf(digest).filter(({ tag }) => names.has(tag)));
  const found = eachConcurrently(about, { concurrency, ...wait }, (each, signal) =>
    taggedSignatures(target, each, { signal }),
  );
  return (await found).flat();
}

/** None for an index that cannot be used: it can be deleted all the same. */
async function childrenOf(
  target: Reader,
  { digest, mediaType }: Descriptor,
  wait: WaitOptions,
): Promise<readonly Descriptor[]> {
  try {
    return parseUsable((await target.readManifest(digest, wait)).bytes, mediaType).manifests;
  } catch (error) {
    if (error instanceof InvalidContentError || error instanceof ContentMismatchError) return [];
    throw error;
  }
}

async function firstTags(target: TagLister, count: number, wait: WaitOptions): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const name of target.tags(wait)) {
    if (tagProblem(name) === undefined) names.push(name);
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

/** A tag that went meanwhile, or whose manifest cannot be used, is on another or on nothing. */
async function isTagOn(
  target: Reader,
  name: string,
  { descriptor, signal }: { readonly descriptor: Descriptor; readonly signal: AbortSignal },
): Promise<boolean> {
  try {
    return (await target.resolve(name, { signal })).digest === descriptor.digest;
  } catch (error) {
    signal.throwIfAborted();
    if (isUnusableContent(error)) return false;
    throw error;
  }
}
