import type { Descriptor, Platform } from '../oci/descriptor';
import type { Progress } from '../oci/progress';
import type { Reader, WaitOptions, Writer } from '../oci/target';
import type { TransferCounts } from './contentSender';
import { CopyRun } from './copyRun';
import { settling } from './settling';
import { requireTag } from './tag';
import { waitOptions } from './waitOptions';

/** How to copy. */
export interface CopyOptions extends WaitOptions {
  /** Tags at the destination; none leaves it to be found by digest. */
  readonly tags?: readonly string[];
  /** Takes along what refers to it, to an index's children as well, and what refers to that; by cosign's tags, too. */
  readonly referrers?: boolean;
  /** Copies one platform's manifest out of an index; of several, an index reduced to them. All without any. */
  readonly platforms?: readonly Platform[];
  /** More repositories of the destination's registry that may have the blobs; the source itself is known. */
  readonly mountFrom?: readonly string[];
  /** Sends manifests also where they are there, and looks below those of a layout. */
  readonly force?: boolean;
  /** Manifests read and contents sent at once; 3 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was copied. `manifests` counts those that were sent, `referrers` those among them that refer to others. */
export interface CopyResult extends TransferCounts {
  readonly root: Descriptor;
  readonly manifests: number;
  readonly referrers: number;
  /** Tags of signatures that the destination keeps, for they hold some that the source lacks. */
  readonly keptSignatureTags: readonly string[];
  /** Layers that stay where their `urls` say: none of them was copied. */
  readonly elsewhere: readonly Descriptor[];
}

/** Manifests read and contents sent at once where nothing is said. */
export const DEFAULT_CONCURRENCY = 3;

/**
 * Copies what a tag or digest stands for, with all below it: blobs first, each manifest behind what it points at, tags
 * last. What the destination has is left alone; blobs of the same registry are mounted, others streamed.
 * Errors: InvalidReferenceError before anything is asked; those of `walkGraph`; those of both sides; CopyError.
 * Source: `oras cp`.
 */
export async function copy(
  source: Reader,
  destination: Reader & Writer,
  reference: string,
  options: CopyOptions = {},
): Promise<CopyResult> {
  const { tags = [], concurrency = DEFAULT_CONCURRENCY, onProgress, platforms, ...rest } = options;
  tags.forEach(requireTag);
  const signatureTags = options.referrers === true;
  const run = new CopyRun({ ...rest, source, destination, concurrency, onProgress, signatureTags });
  const item = { ...waitOptions(options), reference, tags, ...(platforms && { platforms }) };
  const work = () => run.copy(item, (sizeBytes) => run.meter.expect(sizeBytes));
  const copied = await settling(destination, work, waitOptions(options));
  return { ...copied, ...run.sender.counts, keptSignatureTags: run.keptSignatureTags };
}
