import { execFile } from 'node:child_process';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { startDistribution, startDockerRegistry } from '../test/support/dockerRegistry';
import { startCountingProxy } from './countingProxy';
import type { Workshop } from './jobs';
import { measure, type Command } from './measure';
import { makeSampleData } from './sampleData';

/** One figure that has a limit of its own, not one beside oras. */
export interface Limit {
  readonly title: string;
  readonly unit: string;
  readonly value: number;
  readonly limit: number;
  /** What is known of the reason, for when the limit is missed. */
  readonly why?: string;
}

const MIB = 1024 * 1024;
const run = promisify(execFile);

/** Measures what is held to a limit. */
export async function measureLimits(workshop: Workshop, signal: AbortSignal): Promise<Limit[]> {
  const found: Limit[] = [];
  for (const each of [requestsOfPush, memoryAtFourGib, delays, longLists]) {
    signal.throwIfAborted();
    console.log(`${each.name}: measuring`);
    found.push(...(await each(workshop)));
  }
  return found;
}

const BLOBS = 50;

/** Large enough that each is looked for. */
async function requestsOfPush({ scratch, commands }: Workshop): Promise<Limit[]> {
  const data = path.join(scratch, 'data');
  await mkdir(data);
  for (let index = 0; index < BLOBS - 1; index++)
    await writeFile(path.join(data, `${index}`), Buffer.alloc(100_000, `${index} `));
  const registry = await startDockerRegistry();
  const proxy = await startCountingProxy(registry.host);
  try {
    await measure(commands.ours(['push', `${proxy.host}/b/x:1`, data], scratch), scratch);
    const title = `requests to push ${BLOBS} new blobs`;
    return [{ title, unit: '', value: proxy.requests, limit: 3 * BLOBS + 2 }];
  } finally {
    await proxy.stop();
    await registry.stop();
    await rm(data, { recursive: true });
  }
}

/** Growth is what a run takes beyond one that moves a few bytes. */
async function memoryAtFourGib({ scratch, commands }: Workshop): Promise<Limit[]> {
  const registry = await startDockerRegistry();
  const peaks: Record<string, number> = {};
  try {
    for (const [name, sizeBytes] of Object.entries({ small: 10, large: 4 * 1024 * MIB })) {
      const data = path.join(scratch, name);
      const pulled = path.join(scratch, 'pulled');
      for (const folder of [data, pulled]) await mkdir(folder);
      const file = await open(path.join(data, 'sparse.bin'), 'w');
      await file.truncate(sizeBytes);
      await file.close();
      const reference = `${registry.host}/memory/${name}:1`;
      const push = await measure(commands.ours(['push', reference, data], scratch), scratch);
      const pull = await measure(commands.ours(['pull', reference, pulled], scratch), scratch);
      peaks[`push ${name}`] = push.peakRssBytes;
      peaks[`pull ${name}`] = pull.peakRssBytes;
      for (const folder of [data, pulled]) await rm(folder, { recursive: true });
    }
  } finally {
    await registry.stop();
  }
  return ['push', 'pull'].map((verb) => ({
    title: `memory growth at 4 GiB, ${verb}`,
    unit: 'MiB',
    value: Math.round(((peaks[`${verb} large`] ?? NaN) - (peaks[`${verb} small`] ?? NaN)) / MIB),
    limit: 100,
  }));
}

/** As in the extension host, but with nothing of VS Code on the same cores. */
async function delays({ scratch, commands }: Workshop): Promise<Limit[]> {
  const data = path.join(scratch, 'data');
  const pulled = path.join(scratch, 'pulled');
  await makeSampleData(data, { fileCount: 1, fileBytes: 1024 * MIB });
  await mkdir(pulled);
  const registry = await startDockerRegistry();
  const reference = `${registry.host}/delay/one:1`;
  try {
    return [
      ...(await delayOf('pushing 1 GiB', commands.ours(['delayOf', 'push', reference, data], scratch))),
      ...(await delayOf('pulling 1 GiB', commands.ours(['delayOf', 'pull', reference, pulled], scratch))),
    ];
  } finally {
    await registry.stop();
    for (const folder of [data, pulled]) await rm(folder, { recursive: true });
  }
}

async function delayOf(what: string, { program, args, cwd, env }: Command): Promise<Limit[]> {
  const { stdout } = await run(program, [...args], { cwd, env });
  const { p99Ms, maxMs } = JSON.parse(stdout) as { readonly p99Ms: number; readonly maxMs: number };
  const title = `event loop delay without VS Code, ${what}`;
  return [
    { title: `${title}: p99`, unit: 'ms', value: round(p99Ms), limit: 20 },
    { title: `${title}: max`, unit: 'ms', value: round(maxMs), limit: 100 },
  ];
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

interface Listing {
  readonly count: number;
  readonly firstMs: number;
  readonly listMs: number;
  readonly filterMs: number;
}

const TAGS = 100_000;
const REPOSITORIES = 10_000;

/** The registry's own files are written, since pushing as many would take hours. */
async function longLists({ scratch, commands }: Workshop): Promise<Limit[]> {
  const registry = await startDistribution();
  const proxy = await startCountingProxy(registry.host);
  try {
    await fillStorage(registry.folder);
    const found: Limit[] = [];
    for (const [what, args, count] of [
      ['tags', ['tags', `${proxy.host}/many/tags:x`], TAGS],
      ['repositories', ['repositories', proxy.host], REPOSITORIES + 1],
    ] as const) {
      const { program, args: all, cwd, env } = commands.ours(args, scratch);
      const { stdout } = await run(program, [...all], { cwd, env });
      const listing = JSON.parse(stdout) as Listing;
      if (listing.count !== count) throw new Error(`${listing.count} ${what} listed of ${count}`);
      const title = `filter ${count.toLocaleString('en')} ${what} once listed (first after ${Math.round(listing.firstMs)} ms, all after ${Math.round(listing.listMs)} ms)`;
      found.push({ title, unit: 'ms', value: Math.round(listing.filterMs), limit: 1000 });
    }
    return found;
  } finally {
    await proxy.stop();
    await registry.stop();
  }
}

async function fillStorage(folder: string): Promise<void> {
  const repositories = path.join(folder, 'storage/docker/registry/v2/repositories');
  const link = `sha256:${'0'.repeat(64)}`;
  const manifests = path.join(repositories, 'many/tags/_manifests');
  await mkdir(path.join(manifests, 'revisions'), { recursive: true });
  for (let index = 0; index < TAGS; index++) {
    const current = path.join(manifests, 'tags', `v${index}`, 'current');
    await mkdir(current, { recursive: true });
    await writeFile(path.join(current, 'link'), link);
  }
  for (let index = 0; index < REPOSITORIES; index++)
    await mkdir(path.join(repositories, `listed/r${index}/_manifests`), { recursive: true });
}
