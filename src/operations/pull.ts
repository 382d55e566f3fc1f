import { canFetchFrom } from '../oci/abilities';
import { asBlob, type Descriptor } from '../oci/descriptor';
import type { ConflictPolicy, FileSink, PullFile, Reader, WaitOptions } from '../oci/target';
import { isSmallContent } from './contentSender';
import { embeddedContent, openContent } from './embeddedContent';
import { copyStep } from './copyStep';
import { eachConcurrently } from './eachConcurrently';
import type { PullPlan } from './planPull';
import { ByteMeter } from './progress';
import type { Progress } from '../oci/progress';

/** How to pull. `policy` says what becomes of files that exist; ask `sink.conflicts(plan.files)` first. */
export interface PullOptions extends WaitOptions {
  readonly policy: ConflictPolicy;
  /** Layers fetched at once; 3 by default. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was pulled. `written` holds the paths of files and links, relative to the folder, with `/`. */
export interface PullResult {
  readonly root: Descriptor;
  readonly written: readonly string[];
}

const DEFAULT_CONCURRENCY = 3;

/**
 * Fetches the files of a plan and writes them: all are there and verified before the first shows under its name, and
 * a failure or an abort leaves nothing in the folder. What a sink kept of an earlier try is not fetched again.
 * Errors: those of source and sink, unwrapped; CopyError.
 */
export async function pull(
  source: Reader,
  plan: PullPlan,
  sink: FileSink,
  options: PullOptions,
): Promise<PullResult> {
  const { policy, signal, concurrency = DEFAULT_CONCURRENCY } = options;
  const wait = signal ? { signal } : {};
  const meter = new ByteMeter(options.onProgress);
  meter.expect(plan.totalBytes);
  try {
    await sink.conflicts(plan.files, wait);
    const isSmall = ({ descriptor }: PullFile) => isSmallContent(descriptor);
    await eachConcurrently(plan.files, { concurrency, isSmall, ...wait }, (file, stop) =>
      stage(file, { source, sink, meter, signal: stop }),
    );
    signal?.throwIfAborted();
    return { root: plan.root, written: await sink.commit(policy, wait) };
  } catch (error) {
    await sink.discard();
    throw error;
  }
}

interface Way {
  readonly source: Reader;
  readonly sink: FileSink;
  readonly meter: ByteMeter;
  readonly signal: AbortSignal;
}

async function stage(file: PullFile, { source, sink, meter, signal }: Way): Promise<void> {
  const { title } = file;
  const descriptor = asBlob(file.descriptor);
  const step = { side: 'source', step: `Receiving ${title}`, digest: descriptor.digest } as const;
  const onBytes = (delta: number) => meter.add(delta, step.step);
  const wait = { signal };
  const rest = !embeddedContent(descriptor) &&
    canFetchFrom(source) && {
      openFrom: (firstByte: number) => source.fetchFrom(descriptor, firstByte, wait),
    };
  await copyStep(step, () =>
    sink.stage(file, () => openContent(source, descriptor, wait), { ...wait, ...rest, onBytes }),
  );
}
