// One job as the extension does it, as a process of its own: `node benchClient.js VERB ARGUMENT…`.
import { readdir } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { parseReference } from '../src/oci/reference';
import { attach } from '../src/operations/attach';
import { copyTags } from '../src/operations/copyTags';
import { discover } from '../src/operations/discover';
import { planPull } from '../src/operations/planPull';
import { pull } from '../src/operations/pull';
import { push } from '../src/operations/push';
import { FolderSink } from '../src/targets/folder/folderSink';
import { LocalFiles } from '../src/targets/folder/localFiles';
import { Registry } from '../src/targets/registry/registry';
import { createTransport } from '../src/transport/createTransport';

/** What the setting `ociArtifacts.concurrency` is by default. */
const CONCURRENCY = 5;

const transport = createTransport({
  credentials: { credentialFor: async () => undefined },
  endpointFor: async (host) => ({ host, plainHttp: true, insecure: false }),
  log: () => undefined,
  userAgent: 'oci-artifacts-bench',
});

function at(text: string) {
  const { registry, repository, tag = 'latest' } = parseReference(text);
  return { target: new Registry(registry, transport).repository(repository), tag };
}

/** Each takes texts and resolves when it is through. */
const VERBS: Readonly<Record<string, (...args: string[]) => Promise<unknown>>> = {
  push: async (reference, folder) => pushPaths(reference, await filesIn(folder)),
  pushFolder: (reference, folder) => pushPaths(reference, [{ path: folder, title: path.basename(folder) }]),
  pull: async (reference, folder) => {
    const { target, tag } = at(reference);
    const plan = await planPull(target, tag);
    await pull(target, plan, new FolderSink(folder), { policy: 'overwrite', concurrency: CONCURRENCY });
  },
  copyAll: (from, to) =>
    copyTags(at(from).target, at(to).target, { referrers: true, concurrency: CONCURRENCY }),
  discover: async (reference) => {
    const { target, tag } = at(reference);
    console.log(JSON.stringify(await discover(target, tag, { concurrency: CONCURRENCY })));
  },
  /** Prepares: `count` artifacts with two referrers each, tags `0`, `1` … */
  makeArtifacts: (reference, folder, count) => makeArtifacts(reference, folder, Number(count)),
  /** Prepares: a tree of referrers under `latest`, `widths` at each depth. */
  makeReferrers: (reference, ...widths) => makeReferrers(reference, widths.map(Number)),
  tags: async (reference) => list(at(reference).target.tags()),
  /** How long timers of a millisecond wait while another verb is at work. */
  delayOf: (verb, ...args) => delayOf(verb, args),
  repositories: async (host) => list(new Registry(host, transport).repositories()),
};

async function filesIn(folder: string) {
  return (await readdir(folder)).sort().map((title) => ({ path: path.join(folder, title), title }));
}

async function pushPaths(reference: string, files: readonly { path: string; title: string }[]) {
  const { target, tag } = at(reference);
  const source = new LocalFiles();
  await push(source, target, { files, tags: [tag], concurrency: CONCURRENCY });
  await source.dispose();
}

async function makeArtifacts(reference: string, folder: string, count: number) {
  const { target } = at(reference);
  const source = new LocalFiles();
  const files = await filesIn(folder);
  for (let index = 0; index < count; index++) {
    const tag = String(index);
    await push(source, target, { files: files.slice(index, index + 1), tags: [tag], annotations: { tag } });
    for (const artifactType of ['application/vnd.bench.signature', 'application/vnd.bench.sbom'])
      await attach(source, target, tag, { files: [], artifactType, annotations: { tag } });
  }
}

async function makeReferrers(reference: string, widths: readonly number[]) {
  const { target } = at(reference);
  const source = new LocalFiles();
  const root = await push(source, target, {
    files: [],
    tags: ['latest'],
    artifactType: 'application/vnd.bench',
  });
  let level: string[] = [root.descriptor.digest];
  for (const width of widths) {
    const next: string[] = [];
    for (const subject of level)
      for (let index = 0; index < width; index++) {
        const annotations = { place: `${subject} ${index}` };
        const made = await attach(source, target, subject, {
          files: [],
          artifactType: 'application/vnd.bench.note',
          annotations,
        });
        next.push(made.descriptor.digest);
      }
    level = next;
  }
}

/** What the sidebar's filter does with a list that is read whole. Milliseconds. */
async function list(names: AsyncIterable<string>) {
  const start = performance.now();
  const all: string[] = [];
  let firstMs = 0;
  for await (const name of names) {
    if (all.length === 0) firstMs = performance.now() - start;
    all.push(name);
  }
  const listMs = performance.now() - start;
  const found = all.filter((name) => name.includes('99')).length;
  const filterMs = performance.now() - start - listMs;
  console.log(JSON.stringify({ count: all.length, firstMs, listMs, filterMs, found }));
}

async function delayOf(verb: string, args: readonly string[]): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await runVerb(verb, args);
  delay.disable();
  console.log(JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }));
}

async function runVerb(verb: string, args: readonly string[]): Promise<void> {
  const run = VERBS[verb];
  if (!run) throw new Error(`No such verb: ${verb}`);
  await run(...args);
}

const [verb = '', ...args] = process.argv.slice(2);
runVerb(verb, args).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
