import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { startCountingProxy } from './countingProxy';
import { CoreUse } from './coreUse';
import { measure, type Command, type Cost } from './measure';

/** `curl` only moves the bytes, told beforehand which: what the registry and the line take by themselves. */
export type ToolName = 'oci-artifacts' | 'oras' | 'skopeo' | 'curl';

/** One run of one tool. */
export interface Turn {
  /** Takes requests of this tool: `host:port`. */
  readonly host: string;
  /** Empty, and gone afterwards. */
  readonly folder: string;
}

/** One way to do a job. */
export interface Contender {
  readonly tool: ToolName;
  readonly command: (turn: Turn) => Promise<Command>;
  /** Throws unless the job was done. */
  readonly check?: (turn: Turn) => Promise<void>;
}

/** One thing that is measured, by each tool that can do it. */
export interface Contest {
  readonly title: string;
  /** The most that our wall time may be, as a part of that of oras. */
  readonly aim: number;
  /** The registry; a fresh one for each turn where tools would remember what it has. */
  readonly server: () => Promise<{ readonly host: string; stop(): Promise<void> }>;
  readonly contenders: readonly Contender[];
  /** What a profile says of the time, for when the aim is missed. */
  readonly profile?: string;
  /** Fewer pairs than asked for, for a job that takes minutes. */
  readonly maxPairs?: number;
}

/** One measured run. */
export interface Run {
  readonly title: string;
  readonly tool: ToolName;
  readonly pair: number;
  readonly cost: Cost;
  /** Who else kept the cores busy meanwhile. */
  readonly cores: string;
}

/** What a tool asked for, seen by a proxy in a run that is not timed. */
export interface Traffic {
  readonly title: string;
  readonly tool: ToolName;
  readonly requests: number;
  readonly connections: number;
}

/** How a contest is run. `scratch` is a folder for all runs. */
export interface Arena {
  readonly scratch: string;
  readonly pairs: number;
  readonly signal: AbortSignal;
}

/** Runs the tools in turn. Who goes first alternates, so that none always finds the warmer disk cache. */
export async function runContest(arena: Arena, contest: Contest): Promise<readonly Run[]> {
  const runs: Run[] = [];
  const pairs = Math.min(arena.pairs, contest.maxPairs ?? Infinity);
  for (let pair = 1; pair <= pairs; pair++) {
    const { contenders } = contest;
    for (const contender of pair % 2 ? contenders : contenders.toReversed()) {
      arena.signal.throwIfAborted();
      const { cost, cores } = await onServer(contest, (host) => runTurn(arena, contender, host));
      console.log(`${contest.title} ${pair}/${pairs} ${contender.tool}: ${cost.wallSeconds.toFixed(2)} s`);
      runs.push({ title: contest.title, tool: contender.tool, pair, cost, cores });
    }
  }
  return runs;
}

/** Counts the requests and connections of each tool. */
export async function countTraffic(arena: Arena, contest: Contest): Promise<readonly Traffic[]> {
  const traffic: Traffic[] = [];
  for (const contender of contest.contenders) {
    arena.signal.throwIfAborted();
    await onServer(contest, async (host) => {
      const proxy = await startCountingProxy(host);
      try {
        await runTurn(arena, contender, proxy.host);
        const { tool } = contender;
        traffic.push({
          title: contest.title,
          tool,
          requests: proxy.requests,
          connections: proxy.connections,
        });
      } finally {
        await proxy.stop();
      }
    });
  }
  return traffic;
}

async function onServer<T>(contest: Contest, run: (host: string) => Promise<T>): Promise<T> {
  const server = await contest.server();
  try {
    return await run(server.host);
  } finally {
    await server.stop();
  }
}

async function runTurn(
  { scratch }: Arena,
  contender: Contender,
  host: string,
): Promise<Pick<Run, 'cost' | 'cores'>> {
  const folder = path.join(scratch, 'turn');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const turn = { host, folder };
  const command = await contender.command(turn);
  // Else one tool would pay for writing out what the one before left in the cache.
  execFileSync('sync');
  const use = new CoreUse('the bench');
  const cost = await measure(command, scratch);
  const cores = use.describe();
  await contender.check?.(turn);
  await rm(folder, { recursive: true });
  return { cost, cores };
}
