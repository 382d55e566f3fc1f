import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { casesOf, sampleOf, type Case, type Random } from './cases';
import { startElsewhere, type Elsewhere } from './elsewhere';
import { judge, type Verdict } from './judge';
import { measure, type Measured } from './measure';
import type { Operation } from './operations';
import { seed, writeInput } from './seeds';
import { servers, type Server, type ServerName } from './servers';
import { openRegistry } from './stage';

const SEEDS = 'faults/seeds';
/** Most of a case is waiting: for servers, for silence. */
const LANES = 20;

/** A case with what became of it. */
export interface Tried extends Verdict {
  readonly case: Case;
}

/** One server with everything that cases on it share. */
export interface World {
  readonly serverName: ServerName;
  readonly server: Server;
  readonly input: string;
  readonly scratch: string;
  readonly elsewhere: Elsewhere;
  stop(): Promise<void>;
}

/** Starts a server and fills it. */
export async function startWorld(serverName: ServerName): Promise<World> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'oci-faults-'));
  const input = path.join(scratch, 'input');
  const [server, elsewhere] = await Promise.all([servers[serverName](), startElsewhere()]);
  await writeInput(input);
  await seed(openRegistry(server.host, server).repository(SEEDS), input, scratch);
  const stop = async () => {
    await Promise.all([server.stop(), elsewhere.stop()]);
    await rm(scratch, { recursive: true, force: true });
  };
  return { serverName, server, input, scratch, elsewhere, stop };
}

/** The run of an operation without a fault, and the cases that its requests make. */
export interface Recorded {
  readonly world: World;
  readonly operation: Operation;
  readonly expected: Measured;
  readonly cases: readonly Case[];
}

/** A case with what it is judged by. */
export interface Prepared {
  readonly case: Case;
  readonly recorded: Recorded;
}

/** Runs an operation without a fault. Errors: Error when that run fails. */
export async function record(world: World, operation: Operation, random: Random): Promise<Recorded> {
  const expected = await measure(operation, settingOf(world, `clean-${nameOf(operation)}`));
  if (expected.error !== undefined)
    throw new Error(`${operation.name} fails without a fault`, { cause: expected.error });
  const cases = casesOf({ operation, serverName: world.serverName }, expected.requests, random);
  return { world, operation, expected, cases };
}

/** Every case of these operations on these servers. */
export async function casesIn(
  worlds: readonly World[],
  operations: readonly Operation[],
  random: Random,
): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  for (const world of worlds) {
    for (const operation of operations) {
      if (!operation.servers.includes(world.serverName)) continue;
      const recorded = await record(world, operation, random);
      prepared.push(...recorded.cases.map((each) => ({ case: each, recorded })));
    }
  }
  return prepared;
}

/** So many cases of each fault, by chance; all where there are no more. */
export function sampleOfEach(all: readonly Prepared[], count: number, random: Random): readonly Prepared[] {
  const byFault = new Map<string, Prepared[]>();
  for (const each of all)
    byFault.set(each.case.fault.name, [...(byFault.get(each.case.fault.name) ?? []), each]);
  return [...byFault.values()].flatMap((cases) => sampleOf(cases, count, random));
}

/** Tries cases side by side. */
export async function tryAll(
  cases: readonly Prepared[],
  onTried: (tried: Tried) => void = () => undefined,
): Promise<readonly Tried[]> {
  const ahead = cases.entries();
  const results: Tried[] = [];
  const lane = async () => {
    for (const [index, each] of ahead) {
      const tried = await tryCase(each, index);
      results.push(tried);
      onTried(tried);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

async function tryCase({ case: each, recorded }: Prepared, index: number): Promise<Tried> {
  const { world, expected } = recorded;
  const { operation, target, fault, place } = each;
  const name = `${nameOf(operation)}-${index}`;
  const planned = { fault: fault.make(world.elsewhere.addressFor(name)), place };
  const plan = { target, always: fault.times === 'always', planned };
  const setting = settingOf(world, name);
  try {
    const measured = await measure(operation, setting, plan);
    const evidence = { expected, leaks: world.elsewhere.leaksOf(name), elsewhere: world.elsewhere.host };
    return { case: each, ...judge(each, measured, evidence) };
  } finally {
    await rm(setting.scratch, { recursive: true, force: true });
  }
}

function settingOf({ server, input, scratch }: World, name: string) {
  return {
    server,
    repository: `faults/case-${name}`,
    seeds: SEEDS,
    input,
    scratch: path.join(scratch, name),
  };
}

function nameOf({ name }: Operation): string {
  return name.replaceAll(' ', '-');
}
