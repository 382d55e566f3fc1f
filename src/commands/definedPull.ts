import type { TransferWay } from '../host/transfers';
import { parsePlatform } from '../oci/platform';
import { parseSource, type PullDefinition } from '../oci/pullDefinition';
import type { PullPlan } from '../operations/planPull';
import { pull, type PullResult } from '../operations/pull';
import { planWhole, untitledNaming, type PullChoice, type PullJob } from './pullInto';
import type { Services } from './services';

/** A definition, and the absolute path of the folder that is pulled into. */
export interface DefinedPull {
  readonly definition: PullDefinition;
  readonly into: string;
}

/** What a pull is told beside that: who wants to know what goes. */
export interface DefinedPullJob extends TransferWay {
  /** Called before anything is written. `existing` are the titles that are there already. */
  readonly onPlan: (plan: PullPlan, existing: readonly string[]) => void;
}

/** How the files of a definition are found. */
export function planDefined({ definition }: DefinedPull): NonNullable<PullJob['plan']> {
  const { platform, mediaTypes, titles, includeSubject, configTo, nameUntitled, keepModes } = definition;
  const reference = parseSource(definition.from);
  const choice: PullChoice = {
    ...(platform && { platform: parsePlatform(platform) }),
    ...(mediaTypes && { mediaTypes }),
    ...(titles && { titles }),
    ...(includeSubject && { includeSubject }),
    ...(configTo && { configTitle: configTo }),
    ...(nameUntitled && { nameUntitled: untitledNaming(reference) }),
    ...(keepModes && { keepModes }),
  };
  return planWhole(reference, choice);
}

/**
 * Pulls what a definition says, and asks nobody: files that exist are replaced unless it says to keep them.
 * Errors: those of `planPull` and `pull`.
 */
export async function runDefinedPull(
  services: Services,
  defined: DefinedPull,
  { signal, onProgress, onPlan, keeper }: DefinedPullJob,
): Promise<PullResult> {
  const { registry, repository } = parseSource(defined.definition.from);
  const source = services.openRegistry(registry).repository(repository);
  const plan = await planDefined(defined)(source, { signal });
  const sink = services.newFileSink(defined.into, keeper);
  onPlan(plan, await sink.conflicts(plan.files, { signal }));
  const policy = defined.definition.keepExisting ? 'keep' : 'overwrite';
  const { concurrency } = services.settings;
  return pull(source, plan, sink, { policy, concurrency, signal, onProgress });
}
