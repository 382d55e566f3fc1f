import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { collectUnused } from '../../src/localRegistry/unusedContent';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { createTransport } from '../../src/transport/createTransport';
import { startDockerRegistry } from '../support/dockerRegistry';
import { forkRegistry } from '../support/embeddedRegistry';
import { artifactType, filesOf } from './seeds';
import { takeSample, type Places, type Sample } from './soakSample';
import { weighable } from './weighedProcess';

const REPOSITORY = 'soak/app';
const TITLES = ['same.txt', 'changing.txt', 'changing.bin', 'docs'];
const BIN_BYTES = 64 * 1024;
/** How often everything is measured. */
const SAMPLES = 40;

/** A registry that cycles run against. */
interface SoakServer extends Places {
  readonly host: string;
  /** Removes what the cycles left unused, where that is ours to do. */
  collect(): Promise<void>;
  stop(): Promise<void>;
}

/** The registries that are soaked: ours in a process of its own, and Docker's. */
export const soakServers = {
  'the embedded registry': async (scratch: string): Promise<SoakServer> => {
    const folder = path.join(scratch, 'registry');
    await mkdir(folder);
    const registry = await forkRegistry(folder, await weighable(path.join(scratch, 'weigh.cjs')));
    return {
      host: registry.host,
      serverProcess: registry.process,
      registryFolder: folder,
      // Nobody pushes meanwhile.
      collect: async () => void (await collectUnused({ kind: 'registry', folder }, { graceMs: 0 })),
      stop: async () => void (await registry.stop()),
    };
  },
  'docker-registry': async (): Promise<SoakServer> => {
    const registry = await startDockerRegistry({ deleteEnabled: true });
    return { host: registry.host, collect: async () => undefined, stop: () => registry.stop() };
  },
} as const;

/** The name of one of them. */
export type SoakServerName = keyof typeof soakServers;

/** What was measured, in the order of the cycles. */
export interface Soaked {
  readonly serverName: SoakServerName;
  readonly cycles: number;
  readonly samples: readonly Sample[];
}

/** Pushes, pulls and deletes small artifacts of changing content, as one window does all day. Errors: those of a cycle. */
export async function soak(
  serverName: SoakServerName,
  cycles: number,
  onSample: (sample: Sample) => void = () => undefined,
): Promise<Soaked> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'oci-soak-'));
  const server = await soakServers[serverName](scratch);
  try {
    const run = await startRun(server.host, scratch);
    const every = Math.ceil(cycles / SAMPLES);
    const samples: Sample[] = [];
    for (let cycle = 1; cycle <= cycles; cycle++) {
      await runCycle(run, cycle);
      if (cycle % every !== 0) continue;
      await server.collect();
      const sample = await takeSample(cycle, { ...server, temporaryFolder: run.temporaryFolder });
      samples.push(sample);
      onSample(sample);
    }
    return { serverName, cycles, samples };
  } finally {
    await server.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What all cycles of a run share, as commands of one window do. */
interface Run {
  readonly registry: Registry;
  readonly input: string;
  /** What is pulled comes here, and goes again. */
  readonly output: string;
  readonly temporaryFolder: string;
}

async function startRun(host: string, scratch: string): Promise<Run> {
  const [input, temporaryFolder] = [path.join(scratch, 'input'), path.join(scratch, 'temporary')];
  for (const folder of [path.join(input, 'docs'), temporaryFolder]) await mkdir(folder, { recursive: true });
  await writeFile(path.join(input, 'same.txt'), 'the same in each cycle\n');
  const transport = createTransport({
    credentials: { credentialFor: async () => undefined },
    endpointFor: async (name) => ({ host: name, plainHttp: true, insecure: false }),
    log: () => undefined,
    userAgent: 'oci-artifacts-soak',
  });
  const output = path.join(temporaryFolder, 'output');
  return { registry: new Registry(host, transport), input, output, temporaryFolder };
}

async function runCycle({ registry, input, output, temporaryFolder }: Run, cycle: number): Promise<void> {
  const bytes = await writeContent(input, cycle);
  const target = registry.repository(REPOSITORY);
  const tag = `cycle-${cycle}`;
  const source = new LocalFiles({ temporaryFolder });
  const pushing = push(source, target, { files: filesOf(input, ...TITLES), artifactType, tags: [tag] });
  const { descriptor } = await pushing.finally(() => source.dispose());
  await pull(target, await planPull(target, tag), new FolderSink(output), { policy: 'overwrite' });
  const pulled = await readFile(path.join(output, 'changing.bin'));
  if (!pulled.equals(bytes)) throw new Error(`Cycle ${cycle} pulled something else than it pushed`);
  await rm(output, { recursive: true });
  await target.remove(descriptor);
}

/** Some 90 kB, most of it new each time. */
async function writeContent(input: string, cycle: number): Promise<Buffer> {
  const bytes = randomBytes(BIN_BYTES);
  await writeFile(path.join(input, 'changing.bin'), bytes);
  await writeFile(path.join(input, 'changing.txt'), `cycle ${cycle}\n`.repeat(500));
  await writeFile(path.join(input, 'docs/one.md'), `# Cycle ${cycle}\n`);
  await writeFile(path.join(input, 'docs/two.md'), bytes.subarray(0, 8 * 1024).toString('hex'));
  return bytes;
}
