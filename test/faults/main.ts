// Does harm to every request of every operation, and kills operations:
// `node faults.js [--operation TEXT] [--server TEXT] [--fault TEXT] [--sample N] [--kills N] [--seed N]`;
// or `node faults.js --soak [N]`: so many cycles of push, pull and delete, with everything that could grow.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../support/projectRoot';
import { killable } from './killable';
import { killMany, startKillWorld, type Killed } from './kills';
import { operations } from './operations';
import { factsOf, faultTable, killTable, lineOf, soakTable } from './report';
import { randomFrom } from './cases';
import { casesIn, sampleOfEach, startWorld, tryAll, type Tried, type World } from './run';
import { servers, type ServerName } from './servers';
import { soak, soakServers, type Soaked, type SoakServerName } from './soak';
import { growthIn } from './soakGrowth';

const text = { type: 'string' } as const;
const DEFAULT_CYCLES = 2_000;
const { values } = parseArgs({
  args: withCycles(process.argv.slice(2)),
  options: { operation: text, server: text, fault: text, sample: text, kills: text, seed: text, soak: text },
});

/** `--soak` may stand without a number. */
function withCycles(args: readonly string[]): string[] {
  return args.flatMap((arg, index) =>
    arg === '--soak' && !/^\d+$/.test(args[index + 1] ?? '') ? [arg, String(DEFAULT_CYCLES)] : [arg],
  );
}

const seed = Number(values.seed ?? 1);
const DEFAULT_KILLS = 100;

interface Results {
  readonly tried: readonly Tried[];
  readonly kills: readonly Killed[];
  /** What nobody caught. */
  readonly unhandled: readonly unknown[];
}

async function main(): Promise<void> {
  if (values.soak !== undefined) return soakAll(Number(values.soak));
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  const names = Object.keys(servers) as ServerName[];
  const worlds = await Promise.all(
    names.filter((name) => name.includes(values.server ?? '')).map(startWorld),
  );
  try {
    await report({ tried: await run(worlds), kills: await killAll(), unhandled });
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

async function soakAll(cycles: number): Promise<void> {
  const names = Object.keys(soakServers) as SoakServerName[];
  const soaks: Soaked[] = [];
  for (const name of names.filter((each) => each.includes(values.server ?? ''))) {
    const startedMs = performance.now();
    soaks.push(await soak(name, cycles, ({ cycle }) => console.log(`${name}: ${cycle} of ${cycles}`)));
    console.log(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  }
  const out = path.join(projectRoot(), 'out');
  await mkdir(out, { recursive: true });
  await writeFile(path.join(out, 'soak.json'), `${JSON.stringify(soaks, null, 1)}\n`);
  await writeFile(path.join(out, 'soak.md'), `${soakTable(soaks)}\n`);
  console.log(`\n${soakTable(soaks)}`);
  const isFlat = soaks.every(({ samples }) => growthIn(samples).every((growth) => growth.isFlat));
  if (!isFlat || soaks.length === 0) process.exitCode = 1;
}

async function killAll(): Promise<readonly Killed[]> {
  const times = Number(values.kills ?? DEFAULT_KILLS);
  const names = Object.keys(killable).filter((name) => name.includes(values.operation ?? ''));
  if (times === 0 || names.length === 0) return [];
  const world = await startKillWorld();
  try {
    const random = randomFrom(seed);
    const kills: Killed[] = [];
    for (const name of names) kills.push(...(await killMany(world, name, { times, random })));
    return kills;
  } finally {
    await world.stop();
  }
}

async function run(worlds: readonly World[]): Promise<readonly Tried[]> {
  const random = randomFrom(seed);
  const chosen = operations.filter(({ name }) => name.includes(values.operation ?? ''));
  const all = (await casesIn(worlds, chosen, random)).filter(({ case: { fault } }) =>
    fault.name.includes(values.fault ?? ''),
  );
  const cases = values.sample === undefined ? all : sampleOfEach(all, Number(values.sample), random);
  let count = 0;
  return tryAll(cases, (tried) => {
    if (tried.outcome === 'wrong') console.log(lineOf(tried));
    if (++count % 500 === 0) console.log(`${count} of ${cases.length}`);
  });
}

async function report({ tried, kills, unhandled }: Results): Promise<void> {
  const out = path.join(projectRoot(), 'out');
  await mkdir(out, { recursive: true });
  const wrongKills = kills.filter(({ problems }) => problems.length > 0);
  const text = [faultTable(tried), killTable(kills)].join('\n\n');
  await writeFile(
    path.join(out, 'faults.json'),
    `${JSON.stringify({ seed, cases: tried.map(factsOf), kills }, null, 1)}\n`,
  );
  await writeFile(path.join(out, 'faults.md'), `${text}\n`);
  for (const reason of unhandled) console.log('Unhandled:', reason);
  for (const kill of wrongKills) console.log(`wrong: ${JSON.stringify(kill)}`);
  console.log(`\n${text}\n\n${tried.length} cases, ${kills.length} kills`);
  const wrong =
    tried.filter(({ outcome }) => outcome === 'wrong').length + wrongKills.length + unhandled.length;
  if (wrong > 0 || tried.length === 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
