import type { Exchange, PlannedFault } from '../support/faultyProxy';
import { lookInto } from './folderWitness';
import type { Operation } from './operations';
import { RegistryWitness, type RepositoryState } from './registryWitness';
import { isMeant, TargetReader, type Target } from './requestTarget';
import { startStage, type RunningStage, type StageSetting } from './stage';

/** What an operation did, seen from outside. */
export interface Measured {
  /** What it resolved with, as JSON. */
  readonly result?: string;
  readonly error?: unknown;
  readonly hung: boolean;
  readonly repository: RepositoryState;
  /** The folder after it, as the operation wants it compared. */
  readonly folder: string;
  readonly folderBefore: string;
  /** Names that should be gone. */
  readonly leftovers: readonly string[];
  readonly requests: readonly (Exchange & { readonly target: Target })[];
  readonly hosts: readonly string[];
  /** Whether the fault met its request. */
  readonly wasHit: boolean;
}

/** A fault, and the requests that it is for: the first that the target means, or each of them. */
export interface Plan {
  readonly target: Target;
  readonly always: boolean;
  readonly planned: PlannedFault;
}

/** How long an operation may take, with the silence of a server waited for twice at each of two requests. */
const TIME_LIMIT_MS = 25_000;
const LEFTOVER = /(^|\/)(\.oci-pull-|oci-push~)|\.ingest\/.|\.tar-[0-9a-f-]{36}|\.lock$|\.tmp/;

/** Runs an operation on a stage of its own, with a fault or without, and looks at everything afterwards. */
export async function measure(
  operation: Operation,
  setting: Omit<StageSetting, 'faultFor'>,
  plan?: Plan,
): Promise<Measured> {
  const targets = new TargetReader(setting.repository.split('/').at(-1) ?? '');
  const requests: (Exchange & { readonly target: Target })[] = [];
  let wasHit = false;
  const faultFor = (exchange: Exchange): PlannedFault | undefined => {
    const target = targets.read(exchange);
    requests.push(Object.assign(exchange, { target }));
    if (!plan || !isMeant(target, plan.target) || (wasHit && !plan.always)) return undefined;
    wasHit = true;
    return plan.planned;
  };
  const running = await startStage({ ...setting, faultFor });
  try {
    return { ...(await runAndLook(operation, running)), requests, wasHit };
  } finally {
    await running.stop();
  }
}

async function runAndLook(
  operation: Operation,
  { stage, proxies }: RunningStage,
): Promise<Omit<Measured, 'requests' | 'wasHit'>> {
  await operation.prepare?.(stage);
  const { look = lookInto } = operation;
  const folderBefore = JSON.stringify(await look(stage.folder));
  const outcome = await withinLimit(operation.run(stage));
  const names = [
    ...Object.keys(await lookInto(stage.folder)),
    ...Object.keys(await lookInto(stage.temporary)),
  ];
  return {
    ...outcome,
    folderBefore,
    folder: JSON.stringify(await look(stage.folder)),
    leftovers: names.filter((name) => LEFTOVER.test(name)),
    repository: await new RegistryWitness(stage.server).look(stage.repository),
    hosts: proxies.map(({ host }) => host),
  };
}

type Outcome = Pick<Measured, 'result' | 'error' | 'hung'>;

async function withinLimit(run: Promise<unknown>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ hung: true }), TIME_LIMIT_MS);
  });
  const ended = run.then(
    (result): Outcome => ({ hung: false, result: JSON.stringify(result) ?? 'undefined' }),
    (error: unknown): Outcome => ({ hung: false, error }),
  );
  return Promise.race([ended, limit]).finally(() => clearTimeout(timer));
}
