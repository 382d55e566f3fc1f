// Measures jobs beside oras and skopeo on the same registries: `node bench.js [--pairs N] [--job NAME]…`.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findPeer, peer } from '../test/support/peers';
import { projectRoot } from '../test/support/projectRoot';
import { Commands, type Programs } from './commands';
import { countTraffic, runContest, type Arena, type Contest, type Run, type Traffic } from './contest';
import { JOBS } from './jobs';
import { measureLimits, type Limit } from './limits';
import { describeMachine, machineLine } from './machine';
import { limitTable, markdownTable, missedLimits, missedRows, summarize } from './summary';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    job: { type: 'string', multiple: true, default: [...Object.keys(JOBS), 'limits', 'host'] },
  },
});

async function main(): Promise<void> {
  const pairs = Number(values.pairs);
  if (!Number.isInteger(pairs) || pairs < 1) throw new Error('--pairs takes a whole number from 1');
  const scratch = await mkdtemp(path.join(tmpdir(), 'oci-bench-'));
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Stopped.')));
  try {
    await runAll({ scratch, pairs, signal: stop.signal });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runAll(arena: Arena): Promise<void> {
  const programs = programsIn(arena.scratch);
  const workshop = { scratch: arena.scratch, commands: new Commands(programs) };
  const found: { contests: Contest[]; runs: Run[]; traffic: Traffic[] } = {
    contests: [],
    runs: [],
    traffic: [],
  };
  for (const [name, prepare] of Object.entries(JOBS).filter(([name]) => values.job.includes(name))) {
    console.log(`${name}: preparing`);
    const job = await prepare(workshop);
    try {
      for (const contest of job.contests) {
        found.contests.push(contest);
        found.runs.push(...(await runContest(arena, contest)));
        found.traffic.push(...(await countTraffic(arena, contest)));
      }
    } finally {
      await job.dispose();
    }
  }
  const limits = values.job.includes('limits') ? await measureLimits(workshop, arena.signal) : [];
  if (values.job.includes('host')) limits.push(...(await measuredInHost()));
  await report(programs, arena, { ...found, limits });
}

async function report(
  programs: Programs,
  { pairs }: Arena,
  found: { contests: Contest[]; runs: Run[]; traffic: Traffic[]; limits: readonly Limit[] },
): Promise<void> {
  const rows = summarize(found.contests, found.runs, found.traffic);
  const machine = describeMachine(programs, peer('docker-registry'));
  const content = {
    date: new Date().toISOString(),
    machine,
    pairs,
    rows,
    limits: found.limits,
    runs: found.runs,
  };
  const out = path.join(projectRoot(), 'out');
  await mkdir(out, { recursive: true });
  await writeFile(path.join(out, 'bench.json'), `${JSON.stringify(content, null, 2)}\n`);
  console.log(
    `\n${markdownTable(rows)}\n\n${missedRows(rows)}\n\n${limitTable(found.limits)}\n\n${missedLimits(found.limits)}\n\nMedians of ${pairs} at most. ${machineLine(machine)}`,
  );
}

/** What scripts/bench.mjs measured inside VS Code before. */
async function measuredInHost(): Promise<Limit[]> {
  return JSON.parse(await readFile(path.join(projectRoot(), 'out/benchHost.json'), 'utf8')) as Limit[];
}

function programsIn(folder: string): Programs {
  return {
    benchClient: path.join(__dirname, 'benchClient.js'),
    oras: peer('oras'),
    skopeo: findPeer('skopeo'),
    curl: ['/usr/bin/curl', '/bin/curl'].find((file) => existsSync(file)),
    env: { ...process.env, HOME: folder, DOCKER_CONFIG: path.join(folder, '.docker') },
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
