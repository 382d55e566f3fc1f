// Does harm to every request of every operation: `node faults.js [--operation TEXT] [--server TEXT] [--fault TEXT] [--sample N] [--seed N]`.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../support/projectRoot';
import { operations } from './operations';
import { faultTable, lineOf } from './report';
import { randomFrom } from './cases';
import { casesIn, sampleOfEach, startWorld, tryAll, type Tried, type World } from './run';
import { servers, type ServerName } from './servers';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { operation: text, server: text, fault: text, sample: text, seed: text },
});

async function main(): Promise<void> {
  const unhandled: unknown[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  const names = Object.keys(servers) as ServerName[];
  const worlds = await Promise.all(
    names.filter((name) => name.includes(values.server ?? '')).map(startWorld),
  );
  try {
    await report(await run(worlds), unhandled);
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

async function run(worlds: readonly World[]): Promise<readonly Tried[]> {
  const random = randomFrom(Number(values.seed ?? 1));
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

async function report(tried: readonly Tried[], unhandled: readonly unknown[]): Promise<void> {
  const table = faultTable(tried);
  const out = path.join(projectRoot(), 'out');
  await mkdir(out, { recursive: true });
  const cases = tried.map(({ case: { operation, serverName, target, fault, place }, outcome, detail }) => {
    return {
      operation: operation.name,
      server: serverName,
      ...target,
      fault: fault.name,
      place,
      outcome,
      detail,
    };
  });
  await writeFile(path.join(out, 'faults.json'), `${JSON.stringify({ cases }, null, 1)}\n`);
  await writeFile(path.join(out, 'faults.md'), `${table}\n`);
  for (const reason of unhandled) console.log('Unhandled:', reason);
  console.log(`\n${table}\n\n${tried.length} cases`);
  const wrong = tried.filter(({ outcome }) => outcome === 'wrong').length + unhandled.length;
  if (wrong > 0 || tried.length === 0) process.exitCode = 1;
}

void main();
