import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import type { Repository } from '../../src/targets/registry/repository';
import { startFaultyProxy, type Exchange, type FaultyProxy, type PlannedFault } from '../support/faultyProxy';
import { HurriedClock } from '../support/testClock';
import { testTransport } from '../support/testTransport';
import type { Server } from './servers';

/** How long a silent server is waited for; everything else answers on the same machine. */
const SILENCE_MS = 2_000;

/** Where a case runs: two ways to one registry, both through proxies, and a folder. To a client they are two registries. */
export interface Stage {
  readonly server: Server;
  /** The case's own repository. */
  readonly repository: string;
  /** A repository that is only read. */
  readonly seeds: string;
  readonly near: Registry;
  readonly far: Registry;
  /** The near registry as it is without a proxy. */
  readonly direct: Registry;
  /** What is pushed. */
  readonly input: string;
  /** Empty at first. */
  readonly folder: string;
  /** Where folders are packed. */
  readonly temporary: string;
  newFileSource(): LocalFiles;
}

/** What all stages of a run have in common. */
export interface StageSetting {
  readonly server: Server;
  readonly repository: string;
  readonly seeds: string;
  readonly input: string;
  /** A new folder. */
  readonly scratch: string;
  readonly faultFor: (exchange: Exchange) => PlannedFault | undefined;
}

/** A stage with its proxies. */
export interface RunningStage {
  readonly stage: Stage;
  readonly proxies: readonly FaultyProxy[];
  stop(): Promise<void>;
}

/** Opens a registry with our client, with patience for tests. */
export function openRegistry(host: string, { credential }: Pick<Server, 'credential'>): Registry {
  const clock = new HurriedClock();
  const timeouts = { answerMs: SILENCE_MS, idleMs: SILENCE_MS };
  return new Registry(host, testTransport({ credential, clock, timeouts }), { clock });
}

export async function startStage(setting: StageSetting): Promise<RunningStage> {
  const { server, repository, seeds, input, scratch, faultFor } = setting;
  const { host: upstream, tokenServer } = server;
  const start = () => startFaultyProxy({ upstream, tokenServer, faultFor });
  const [near, far] = await Promise.all([start(), start()]);
  const folder = path.join(scratch, 'folder');
  const temporary = path.join(scratch, 'temporary');
  for (const each of [folder, temporary]) await mkdir(each, { recursive: true });
  const stage: Stage = {
    server,
    repository,
    seeds,
    input,
    folder,
    temporary,
    near: openRegistry(near.host, server),
    far: openRegistry(far.host, server),
    direct: openRegistry(upstream, server),
    newFileSource: () => new LocalFiles({ temporaryFolder: temporary }),
  };
  const proxies = [near, far];
  return { stage, proxies, stop: async () => void (await Promise.all(proxies.map((proxy) => proxy.stop()))) };
}

/** The case's own repository by way of the near proxy. */
export function own({ near, repository }: Stage): Repository {
  return near.repository(repository);
}
