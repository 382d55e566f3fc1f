import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { startDockerRegistry } from '../test/support/dockerRegistry';
import { startEmbeddedRegistry } from '../test/support/embeddedRegistry';
import type { Commands } from './commands';
import type { Contender, Contest } from './contest';
import { measure } from './measure';
import { folderDigest, makeSampleData, type Load } from './sampleData';
import { startSlowProxy } from '../test/support/slowProxy';

/** What jobs are made with. `scratch` is a folder for all of them. */
export interface Workshop {
  readonly scratch: string;
  readonly commands: Commands;
}

/** A job to measure: its data and servers are made when it is asked for, and gone after `dispose`. */
export interface PreparedJob {
  readonly contests: readonly Contest[];
  dispose(): Promise<void>;
}

const LARGE_PROFILES = {
  pushProfile: 'The registry writes and hashes; what is read for the digest is read at the same time.',
  pullProfile:
    "SHA-256 is at work in a thread of its own from the first byte to the last, and everybody's digest takes as long; what is left is what two cores share.",
};
const SMALL_PROFILES = {
  pushProfile:
    'Where cores and disk are waited for, it is the registry that stores; each request costs Node a millisecond and more of CPU besides.',
  pullProfile:
    'Each request costs Node a millisecond and more of CPU, and each file four ways to the thread pool.',
};

/** Each job by its name. */
export const JOBS: Readonly<Record<string, (workshop: Workshop) => Promise<PreparedJob>>> = {
  one: (workshop) =>
    filesJob(workshop, {
      what: '1 GiB',
      load: { fileCount: 1, fileBytes: 1024 ** 3 },
      aim: 0.8,
      skopeo: true,
      ...LARGE_PROFILES,
    }),
  many: (workshop) =>
    filesJob(workshop, {
      what: '1,000 × 64 KiB',
      load: { fileCount: 1000, fileBytes: 64 * 1024 },
      aim: 0.7,
      ...SMALL_PROFILES,
    }),
  tiny: (workshop) =>
    filesJob(workshop, {
      what: '10,000 × 1 KiB',
      load: { fileCount: 10_000, fileBytes: 1024 },
      aim: 0.7,
      maxPairs: 1,
      ...SMALL_PROFILES,
    }),
  folder: folderJob,
  copy: copyJob,
  far: farJob,
  discover: discoverJob,
};

const PLAIN = ['--plain-http', '--no-tty'];
const nothing = async () => undefined;

/** A registry that all turns share. */
const shared = (host: string) => async () => ({ host, stop: nothing });

/** This extension and oras, each pulling what `source` names; the folder's digest is to be `expected`. */
function pullers(
  commands: Commands,
  source: (host: string) => string,
  expected: string,
): readonly Contender[] {
  const check = async ({ folder }: { readonly folder: string }) => requireDigest(folder, expected);
  return [
    {
      tool: 'oci-artifacts',
      command: async ({ host, folder }) => commands.ours(['pull', source(host), folder], folder),
      check,
    },
    { tool: 'oras', command: async ({ host, folder }) => commands.orasPull(source(host), folder), check },
  ];
}

interface FilesJob extends Record<'pushProfile' | 'pullProfile', string> {
  readonly what: string;
  readonly load: Load;
  readonly aim: number;
  readonly skopeo?: boolean;
  readonly maxPairs?: number;
}

/** Pushes files into fresh registries, and pulls them from one that has them. */
async function filesJob(workshop: Workshop, job: FilesJob): Promise<PreparedJob> {
  const { scratch, commands } = workshop;
  const data = path.join(scratch, 'data');
  const layout = path.join(scratch, 'layout');
  await makeSampleData(data, job.load);
  const registry = await startDockerRegistry();
  const source = (host: string) => `${host}/source/files:1`;
  await measure(await commands.orasPush(source(registry.host), data), scratch);
  const expected = await folderDigest(data);
  const withSkopeo = job.skopeo && commands.has('skopeo');
  const digests = await digestsOf(data);
  if (withSkopeo)
    await measure(
      commands.oras(
        ['cp', '--from-plain-http', '--no-tty', '--to-oci-layout', source(registry.host), `${layout}:bench`],
        scratch,
      ),
      scratch,
    );
  const { aim, maxPairs } = job;
  const common = { aim, ...(maxPairs !== undefined && { maxPairs }) };
  const push: readonly Contender[] = [
    {
      tool: 'oci-artifacts',
      command: async ({ host }) => commands.ours(['push', `${host}/b/x:1`, data], data),
    },
    { tool: 'oras', command: ({ host }) => commands.orasPush(`${host}/b/x:1`, data) },
    { tool: 'skopeo', command: async ({ host }) => commands.skopeoPush(`${host}/b/x:1`, `${layout}:bench`) },
    {
      tool: 'curl',
      command: async ({ host }) =>
        commands.curlPush(`http://${host}/v2/b/x/blobs/`, path.join(data, '00000.bin'), digests[0] ?? ''),
    },
  ];
  const pull: readonly Contender[] = [
    ...pullers(commands, source, expected),
    { tool: 'skopeo', command: async ({ host, folder }) => commands.skopeoPull(source(host), folder) },
    {
      tool: 'curl',
      command: async ({ host, folder }) =>
        commands.curlGet(`http://${host}/v2/source/files/blobs/`, digests, folder),
    },
  ];
  const withCurl = commands.has('curl');
  const taking = ({ tool }: Contender) =>
    tool === 'skopeo' ? Boolean(withSkopeo) : tool !== 'curl' || withCurl;
  const pushing = (contender: Contender) =>
    taking(contender) && (contender.tool !== 'curl' || job.load.fileCount === 1);
  return {
    contests: [
      {
        ...common,
        title: `push ${job.what}`,
        profile: job.pushProfile,
        server: () => startDockerRegistry(),
        contenders: push.filter(pushing),
      },
      {
        ...common,
        title: `pull ${job.what}`,
        profile: job.pullProfile,
        server: shared(registry.host),
        contenders: pull.filter(taking),
      },
    ],
    dispose: async () => {
      await registry.stop();
      for (const folder of [data, layout]) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A folder as people have them: archives and pictures beside a lot of text. It is packed, and unpacked. */
async function folderJob({ scratch, commands }: Workshop): Promise<PreparedJob> {
  const parent = path.join(scratch, 'parent');
  const data = path.join(parent, 'data');
  await mkdir(data, { recursive: true });
  await makeSampleData(path.join(data, 'pictures'), { fileCount: 60, fileBytes: 4 * 1024 * 1024 });
  await makeSampleData(path.join(data, 'text'), { fileCount: 3600, fileBytes: 100 * 1024, words: true });
  const registry = await startDockerRegistry();
  const source = (host: string) => `${host}/source/folder:1`;
  const orasPush = (reference: string) => commands.oras(['push', ...PLAIN, reference, 'data/'], parent);
  await measure(orasPush(source(registry.host)), scratch);
  const expected = await folderDigest(parent);
  return {
    contests: [
      {
        title: 'push a folder of 600 MB',
        aim: 0.6,
        maxPairs: 3,
        server: () => startDockerRegistry(),
        contenders: [
          {
            tool: 'oci-artifacts',
            command: async ({ host }) => commands.ours(['pushFolder', `${host}/b/x:1`, data], parent),
          },
          { tool: 'oras', command: async ({ host }) => orasPush(`${host}/b/x:1`) },
        ],
      },
      {
        title: 'pull and unpack it',
        aim: 0.8,
        server: shared(registry.host),
        contenders: pullers(commands, source, expected),
      },
    ],
    dispose: async () => {
      await registry.stop();
      await rm(parent, { recursive: true });
    },
  };
}

const COPIED = 200;

/** `oras cp` takes one artifact, and is started for each. */
async function copyJob({ scratch, commands }: Workshop): Promise<PreparedJob> {
  const data = path.join(scratch, 'data');
  await makeSampleData(data, { fileCount: COPIED, fileBytes: 16 * 1024 });
  const from = await startDockerRegistry();
  const source = `${from.host}/source/app`;
  await measure(commands.ours(['makeArtifacts', `${source}:0`, data, String(COPIED)], scratch), scratch);
  const program = commands.oras([], scratch);
  const loop = `for tag in $(seq 0 ${COPIED - 1}); do "$0" cp -r --no-tty --from-plain-http --to-plain-http "$1:$tag" "$2:$tag" >/dev/null || exit 1; done`;
  return {
    contests: [
      {
        title: `copy ${COPIED} artifacts with two referrers each`,
        profile: SMALL_PROFILES.pushProfile,
        aim: 0.8,
        maxPairs: 3,
        server: () => startDockerRegistry(),
        contenders: [
          {
            tool: 'oci-artifacts',
            command: async ({ host }) =>
              commands.ours(['copyAll', `${source}:0`, `${host}/copied/app:0`], scratch),
          },
          {
            tool: 'oras',
            command: async ({ host }) => ({
              ...program,
              program: 'sh',
              args: ['-c', loop, program.program, source, `${host}/copied/app`],
            }),
          },
        ],
      },
    ],
    dispose: async () => {
      await from.stop();
      await rm(data, { recursive: true });
    },
  };
}

/** A registry on another continent, where one connection alone is slow. */
async function farJob({ scratch, commands }: Workshop): Promise<PreparedJob> {
  const data = path.join(scratch, 'data');
  await makeSampleData(data, { fileCount: 1, fileBytes: 1024 ** 3 });
  const registry = await startDockerRegistry();
  const source = (host: string) => `${host}/source/far:1`;
  await measure(await commands.orasPush(source(registry.host), data), scratch);
  const expected = await folderDigest(data);
  await rm(data, { recursive: true });
  return {
    contests: [
      {
        title: 'pull 1 GiB at 50 ms, 20 MB/s a connection',
        aim: 1 / 3,
        maxPairs: 1,
        server: () => startSlowProxy(registry.host, { roundTripMs: 50, bytesPerSecond: 20e6 }),
        contenders: pullers(commands, source, expected),
      },
    ],
    dispose: () => registry.stop(),
  };
}

/** 20 × (1 + 8 × (1 + 2)) = 500 manifests, three deep, on a registry with the referrers API. */
async function discoverJob({ scratch, commands }: Workshop): Promise<PreparedJob> {
  const registry = await startEmbeddedRegistry();
  const root = (host: string) => `${host}/tree:latest`;
  await measure(commands.ours(['makeReferrers', root(registry.host), '20', '8', '2'], scratch), scratch);
  const digests = await commands.digestsIn(commands.ours(['discover', root(registry.host)], scratch));
  const lister: Contender = {
    tool: 'curl',
    command: async ({ host, folder }) =>
      commands.curlGet(`http://${host}/v2/tree/referrers/`, digests, folder),
  };
  return {
    contests: [
      {
        title: 'discover 500 referrers, three deep',
        profile:
          'The registry of this job answers one request at a time, so that asking side by side gains little; Node has to start, and runs what it has not compiled yet.',
        aim: 0.8,
        server: shared(registry.host),
        contenders: [
          {
            tool: 'oci-artifacts',
            command: async ({ host }) => commands.ours(['discover', root(host)], scratch),
          },
          {
            tool: 'oras',
            command: async ({ host }) =>
              commands.oras(['discover', '--plain-http', '--format', 'json', root(host)], scratch),
          },
          ...(commands.has('curl') ? [lister] : []),
        ],
      },
    ],
    dispose: () => registry.stop(),
  };
}

/** In the order of the files' names. */
async function digestsOf(folder: string): Promise<readonly string[]> {
  const digests: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(path.join(folder, name)), hash);
    digests.push(`sha256:${hash.digest('hex')}`);
  }
  return digests;
}

async function requireDigest(folder: string, expected: string): Promise<void> {
  if ((await folderDigest(folder)) !== expected) throw new Error('Other files were pulled than were pushed');
}
