import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildProgram } from '../support/buildProgram';
import { startDockerRegistry } from '../support/dockerRegistry';
import { messageOf } from '../../src/oci/errors';
import type { Random } from './cases';
import { killable, seedForKills, writeKillInput, type Place } from './killable';

/** What became of one kill: sentences about what is wrong. */
export interface Killed {
  readonly name: string;
  /** Milliseconds after the start. */
  readonly afterMs: number;
  /** False when the operation was through before. */
  readonly wasKilled: boolean;
  readonly problems: readonly string[];
}

/** Registries, input and program for kills. */
export interface KillWorld {
  readonly program: string;
  readonly scratch: string;
  readonly place: Place;
  stop(): Promise<void>;
}

/** Processes side by side: each is mostly starting. */
const LANES = 4;

export async function startKillWorld(): Promise<KillWorld> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'oci-kills-'));
  const program = await buildProgram('test/faults/killed.program.ts', path.join(scratch, 'killed.cjs'));
  const [registry, other] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
  const input = path.join(scratch, 'input');
  const place = {
    host: registry.host,
    otherHost: other.host,
    seeds: 'kills/seeds',
    repository: 'kills/clean',
    input,
    folder: path.join(scratch, 'clean'),
  };
  await writeKillInput(input);
  await seedForKills(place);
  const stop = async () => {
    await Promise.all([registry.stop(), other.stop()]);
    await rm(scratch, { recursive: true, force: true });
  };
  return { program, scratch, place, stop };
}

/** Kills an operation so many times, each at a moment of its own, and lets it run once more each time. */
export async function killMany(
  world: KillWorld,
  name: string,
  { times, random }: { readonly times: number; readonly random: Random },
): Promise<readonly Killed[]> {
  const clean = placeOf(world, `clean-${name}`);
  const { tookMs } = await runToEnd(world, name, clean);
  const expected = JSON.stringify(await operationOf(name).result(clean));
  const ahead = Array.from({ length: times }, () => random()).entries();
  const results: Killed[] = [];
  const lane = async () => {
    for (const [index, moment] of ahead) {
      const place = placeOf(world, `${name}-${index}`);
      results.push(await killOnce(world, { name, place, afterMs: moment * tookMs, expected }));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

interface Kill {
  readonly name: string;
  readonly place: Place;
  readonly afterMs: number;
  readonly expected: string;
}

async function killOnce(world: KillWorld, { name, place, afterMs, expected }: Kill): Promise<Killed> {
  const { damage, run, result } = operationOf(name);
  const child = await start(world, name, place);
  const ended = once(child, 'exit');
  child.send({ name, place });
  await Promise.race([delay(afterMs), ended]);
  child.kill('SIGKILL');
  const [, signal] = (await ended) as [number | null, string | null];
  const problems = [...(await damage(place))];
  try {
    await run(place);
    const now = JSON.stringify(await result(place));
    if (now !== expected) problems.push(`the next run gives ${now} in place of ${expected}`);
  } catch (error) {
    problems.push(`the next run fails: ${messageOf(error)}`);
  }
  await rm(place.folder, { recursive: true, force: true });
  return { name, afterMs, wasKilled: signal === 'SIGKILL', problems };
}

async function runToEnd(world: KillWorld, name: string, place: Place): Promise<{ readonly tookMs: number }> {
  const child = await start(world, name, place);
  const answered = once(child, 'message');
  child.send({ name, place });
  const [answer] = (await answered) as [{ readonly tookMs?: number; readonly failure?: string }];
  if (answer.tookMs === undefined) throw new Error(`${name} fails without a kill: ${answer.failure}`);
  return { tookMs: answer.tookMs };
}

/** A process that is ready to begin. */
async function start({ program }: KillWorld, name: string, place: Place): Promise<ChildProcess> {
  await mkdir(place.folder, { recursive: true });
  await operationOf(name).prepare?.(place);
  const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

function operationOf(name: string) {
  const operation = killable[name];
  if (!operation) throw new Error(`No operation is named ${name}.`);
  return operation;
}

function placeOf({ place, scratch }: KillWorld, name: string): Place {
  return { ...place, repository: `kills/${name}`, folder: path.join(scratch, name) };
}
