import { stat } from 'node:fs/promises';
import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import type { WaitOptions } from '../../oci/target';
import type { BlobFolder } from './blobFolder';
import type { IndexSnapshot } from './indexSnapshot';
import type { Reachable } from './reachable';
import { unlessMissing } from './systemError';

/** Where manifests are looked up. */
export interface UntaggedSource {
  readonly blobs: BlobFolder;
  readonly reachable: Reachable;
}

/**
 * Finds the manifests of a state of index.json that have no tag, were not written, claimed or untagged at `sinceMs` or
 * later, and that nothing that stays needs. A referrer stays with its subject, and so does what refers to it in turn.
 * Errors: InvalidContentError, FileError.
 */
export async function untaggedManifests(
  now: IndexSnapshot,
  sinceMs: number,
  { blobs, reachable }: UntaggedSource,
  options: WaitOptions = {},
): Promise<readonly Descriptor[]> {
  const [old, kept]: [Descriptor[], Descriptor[]] = [[], []];
  for (const manifest of now.manifests()) {
    options.signal?.throwIfAborted();
    const isOld = !now.isTagged(manifest.digest) && (await isOlder(blobs, manifest, sinceMs));
    (isOld ? old : kept).push(manifest);
  }
  const referrers = await bySubject(old, reachable, options);
  const [reached, followed] = [new Set<Digest>(), new Set<Digest>()];
  await reachable.follow(reached, kept, { ...options, followed });
  // The set grows while it is walked through.
  for (const digest of reached)
    await reachable.follow(reached, referrers.get(digest) ?? [], { ...options, followed });
  return old.filter(({ digest }) => !reached.has(digest));
}

async function isOlder(blobs: BlobFolder, { digest }: Descriptor, sinceMs: number): Promise<boolean> {
  const found = await unlessMissing(stat(blobs.pathOf(digest)));
  return found !== undefined && found.mtimeMs < sinceMs;
}

async function bySubject(
  manifests: readonly Descriptor[],
  reachable: Reachable,
  { signal }: WaitOptions,
): Promise<ReadonlyMap<Digest, readonly Descriptor[]>> {
  const groups = new Map<Digest, Descriptor[]>();
  for (const manifest of manifests) {
    signal?.throwIfAborted();
    const subject = await reachable.subjectOf(manifest);
    if (subject === undefined) continue;
    const group = groups.get(subject);
    if (group) group.push(manifest);
    else groups.set(subject, [manifest]);
  }
  return groups;
}
