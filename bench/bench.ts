// Measures push and pull beside oras and skopeo on the same registry: `node bench.js [--pairs N]`.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startDockerRegistry } from '../test/support/dockerRegistry';
import { findPeer, peer } from '../test/support/peers';
import { projectRoot } from '../test/support/projectRoot';
import { commandFor, type Programs, type ToolName, type Transfer, type Verb } from './contenders';
import { describeMachine, machineLine } from './machine';
import { measure, type Cost } from './measure';
import { folderDigest, makeSampleData, type Load } from './sampleData';
import { markdownTable, summarize, type Run } from './summary';

const LOADS: readonly (Load & { readonly tools: readonly ToolName[] })[] = [
  { name: 'one', fileCount: 1, fileBytes: 1024 ** 3, tools: ['oci-artifacts', 'oras', 'skopeo'] },
  { name: 'many', fileCount: 1000, fileBytes: 64 * 1024, tools: ['oci-artifacts', 'oras'] },
];

/** What all runs share. `folder` is temporary. */
interface Bench {
  readonly folder: string;
  readonly host: string;
  readonly programs: Programs;
  readonly pairs: number;
  readonly signal: AbortSignal;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { pairs: { type: 'string', default: '5' } } });
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error('--pairs takes a whole number from 1');
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-bench-'));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Stopped.')));
  try {
    await runIn(folder, pairs, stop.signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, pairs: number, signal: AbortSignal): Promise<void> {
  const programs = programsIn(folder);
  const registry = await startDockerRegistry();
  try {
    const runs: Run[] = [];
    for (const load of LOADS) {
      runs.push(...(await runLoad({ folder, host: registry.host, programs, pairs, signal }, load)));
    }
    const machine = describeMachine(programs, peer('docker-registry'));
    const rows = summarize(runs);
    const outFile = path.join(projectRoot(), 'out/bench.json');
    await writeFile(
      outFile,
      `${JSON.stringify({ date: new Date().toISOString(), machine, pairs, rows, runs }, null, 2)}\n`,
    );
    console.log(`\n${markdownTable(rows, LOADS)}\n\nMedians of ${pairs}. ${machineLine(machine)}`);
  } finally {
    await registry.stop();
  }
}

function programsIn(folder: string): Programs {
  return {
    benchClient: path.join(__dirname, 'benchClient.js'),
    oras: peer('oras'),
    skopeo: findPeer('skopeo'),
    layoutFolder: path.join(folder, 'layout'),
    env: { ...process.env, HOME: folder, DOCKER_CONFIG: path.join(folder, '.docker') },
  };
}

async function runLoad(bench: Bench, load: (typeof LOADS)[number]): Promise<readonly Run[]> {
  const data = path.join(bench.folder, load.name);
  await makeSampleData(data, load);
  const source = await pushSource(bench, load.name, data);
  const expected = await folderDigest(data);
  const tools = load.tools.filter((tool) => tool !== 'skopeo' || bench.programs.skopeo !== undefined);
  const runs: Run[] = [];
  for (const verb of ['push', 'pull'] as const) {
    for (let pair = 1; pair <= bench.pairs; pair++) {
      // Who goes first alternates, so that neither always finds the warmer disk cache.
      for (const tool of pair % 2 ? tools : tools.toReversed()) {
        const cost = await runOnce(bench, { verb, tool, load: load.name, pair, data, source, expected });
        console.log(`${verb} ${load.name} ${pair}/${bench.pairs} ${tool}: ${cost.wallSeconds.toFixed(2)} s`);
        runs.push({ load: load.name, verb, tool, pair, cost });
      }
    }
  }
  await rm(data, { recursive: true });
  return runs;
}

/** The artifact that pulls take, and a layout of it for skopeo. It also warms the registry before the first run. */
async function pushSource({ host, programs, folder }: Bench, name: string, data: string): Promise<string> {
  const reference = `${host}/source/${name}:1`;
  const push = { verb: 'push', reference, folder: data } as const;
  await measure(await commandFor('oras', push, programs), folder);
  await rm(programs.layoutFolder, { recursive: true, force: true });
  const copy = [
    'cp',
    '--from-plain-http',
    '--no-tty',
    '--to-oci-layout',
    reference,
    `${programs.layoutFolder}:bench`,
  ];
  await measure({ program: programs.oras, args: copy, cwd: folder, env: programs.env }, folder);
  return reference;
}

interface Job {
  readonly verb: Verb;
  readonly tool: ToolName;
  readonly load: string;
  readonly pair: number;
  readonly data: string;
  readonly source: string;
  /** The digest of the folder that a pull must give. */
  readonly expected: string;
}

async function runOnce(bench: Bench, job: Job): Promise<Cost> {
  bench.signal.throwIfAborted();
  const target = path.join(bench.folder, 'pulled');
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  return job.verb === 'push' ? runPush(bench, job) : runPull(bench, job, target);
}

/** Into a registry of its own: tools remember what a registry has, from one run to the next. */
async function runPush(bench: Bench, { tool, load, data: folder }: Job): Promise<Cost> {
  const registry = await startDockerRegistry();
  try {
    return await timed(bench, tool, { verb: 'push', reference: `${registry.host}/bench/${load}:1`, folder });
  } finally {
    await registry.stop();
  }
}

async function runPull(bench: Bench, { tool, source, expected }: Job, folder: string): Promise<Cost> {
  const cost = await timed(bench, tool, { verb: 'pull', reference: source, folder });
  if (tool !== 'skopeo' && (await folderDigest(folder)) !== expected) {
    throw new Error(`${tool} pulled other files than were pushed`);
  }
  return cost;
}

async function timed({ programs, folder }: Bench, tool: ToolName, transfer: Transfer): Promise<Cost> {
  // Else one tool would pay for writing out what the one before left in the cache.
  execFileSync('sync');
  return measure(await commandFor(tool, transfer, programs), folder);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
