import type { Descriptor, Platform } from '../oci/descriptor';
import type { Digest } from '../oci/digest';
import type { SignatureTag } from '../oci/signatureTags';
import type { Reader, ReferrerLister, WaitOptions } from '../oci/target';
import { eachConcurrently } from './eachConcurrently';
import { referrersOf } from './referrersOf';
import { resolvePlatform } from './resolvePlatform';
import { taggedSignatures } from './taggedSignatures';
import { waitOptions } from './waitOptions';

/** A manifest and what refers to it. */
export interface ReferrerTree {
  readonly descriptor: Descriptor;
  /** For what refers to the root by a tag of cosign alone. */
  readonly signature?: SignatureTag;
  readonly referrers: readonly ReferrerTree[];
}

/** What `discover` found. `isWhole` is false where it stopped at its bounds or at the wanted depth. */
export interface Discovery {
  readonly root: ReferrerTree;
  readonly isWhole: boolean;
}

/** `depth` 1 shows what refers to the root alone; `artifactType` narrows each list, as `oras discover` does. */
export interface DiscoverOptions extends WaitOptions {
  readonly artifactType?: string;
  readonly depth?: number;
  readonly platform?: Platform;
  /** Lists asked for at once; 5 by default. */
  readonly concurrency?: number;
}

const MAX_DEPTH = 64;
const MAX_NODES = 20_000;
const DEFAULT_CONCURRENCY = 5;

interface GrowingTree {
  readonly descriptor: Descriptor;
  readonly signature?: SignatureTag;
  readonly referrers: GrowingTree[];
}

/**
 * The tree of what refers to a manifest, and to that again. A manifest stands in it once, so that circles end.
 * Errors: NotFoundError; those of the source. Source: `oras discover`.
 */
export async function discover(
  source: Reader & ReferrerLister,
  reference: string,
  options: DiscoverOptions = {},
): Promise<Discovery> {
  const { depth = MAX_DEPTH } = options;
  const root: GrowingTree = { descriptor: await resolvePlatform(source, reference, options), referrers: [] };
  const seen = new Set<Digest>([root.descriptor.digest]);
  const signatures =
    options.artifactType === undefined
      ? await taggedSignatures(source, root.descriptor, waitOptions(options))
      : [];
  for (const { descriptor, ...signature } of signatures) {
    root.referrers.push({ descriptor, signature, referrers: [] });
    seen.add(descriptor.digest);
  }
  let edge: readonly GrowingTree[] = [root];
  for (let level = 0; edge.length > 0; level++) {
    if (level >= Math.min(depth, MAX_DEPTH) || seen.size > MAX_NODES) return { root, isWhole: false };
    edge = await grow(source, edge, { ...options, seen });
  }
  return { root, isWhole: true };
}

/** Adds one level of referrers and returns it. */
async function grow(
  source: ReferrerLister,
  edge: readonly GrowingTree[],
  options: DiscoverOptions & { readonly seen: Set<Digest> },
): Promise<readonly GrowingTree[]> {
  const { concurrency = DEFAULT_CONCURRENCY, artifactType, seen } = options;
  const jobs = { concurrency, ...waitOptions(options) };
  const lists = await eachConcurrently(edge, jobs, ({ descriptor }, signal) =>
    referrersOf(source, descriptor, { signal, ...(artifactType && { artifactType }) }),
  );
  for (const [index, tree] of edge.entries()) {
    for (const descriptor of lists[index] ?? []) {
      if (seen.has(descriptor.digest)) continue;
      seen.add(descriptor.digest);
      tree.referrers.push({ descriptor, referrers: [] });
    }
  }
  return edge.flatMap(({ referrers }) => referrers);
}
