import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import { copy } from '../../src/operations/copy';
import { copyTags } from '../../src/operations/copyTags';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { layoutBackup } from '../../src/targets/layout/layoutBackup';
import { Registry } from '../../src/targets/registry/registry';
import { testTransport } from '../support/testTransport';
import { lookAtLayout, lookInto, type FolderState } from './folderWitness';
import { RegistryWitness } from './registryWitness';
import { artifactType, filesOf, pinned } from './seeds';

/** Where an operation runs that will be killed. Two open registries; `seeds` in the first holds what is read. */
export interface Place {
  readonly host: string;
  readonly otherHost: string;
  readonly seeds: string;
  /** To write to, in either registry. */
  readonly repository: string;
  readonly input: string;
  readonly folder: string;
}

/** An operation that a process runs until it is killed, and how it is looked at from outside. */
export interface Killable {
  readonly prepare?: (place: Place) => Promise<unknown>;
  readonly run: (place: Place) => Promise<unknown>;
  /** What is half done; each a sentence. */
  readonly damage: (place: Place) => Promise<readonly string[]>;
  /** What there is when it went through. */
  readonly result: (place: Place) => Promise<unknown>;
}

const OLD_TEXT = 'an older text\n';
const FILE_BYTES = 3 * 1024 * 1024;
const SIGN_INS = 60;

export const killFiles = ['one.bin', 'two.bin', 'small.txt', 'docs'];

/** Enough that an operation takes its time. */
export async function writeKillInput(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'docs'), { recursive: true });
  for (const [index, name] of ['one.bin', 'two.bin'].entries()) {
    const bytes = Buffer.alloc(FILE_BYTES);
    for (let at = 0; at < FILE_BYTES; at += 4) bytes.writeUInt32LE((at * 2_654_435_761 + index) >>> 0, at);
    await writeFile(path.join(folder, name), bytes);
  }
  await writeFile(path.join(folder, 'small.txt'), 'small\n');
  for (let index = 0; index < 30; index++)
    await writeFile(path.join(folder, 'docs', `${index}.md`), `# ${index}\n`.repeat(1000));
}

/** By what the user calls them. */
export const killable: Readonly<Record<string, Killable>> = {
  pull: { prepare: writeOldFile, run: pulled, damage: damagedFiles, result: ({ folder }) => named(folder) },
  push: {
    run: pushed,
    damage: async (place) => (await tagsAt(place.host, place)).broken,
    result: (place) => tagsAt(place.host, place),
  },
  copy: {
    run: copied,
    damage: async (place) => (await tagsAt(place.otherHost, place)).broken,
    result: (place) => tagsAt(place.otherHost, place),
  },
  backup: {
    run: backedUp,
    damage: async ({ folder }) => (await lookAtLayout(path.join(folder, 'backup'))).broken,
    result: ({ folder }) => lookAtLayout(path.join(folder, 'backup')),
  },
  login: {
    prepare: writeConfig,
    run: signedIn,
    damage: damagedConfig,
    result: ({ folder }) => configIn(folder),
  },
};

/** Pushes what the other operations read. */
export async function seedForKills(place: Place): Promise<void> {
  await pushed({ ...place, repository: place.seeds });
}

function repositoryAt(host: string, name: string) {
  return new Registry(host, testTransport()).repository(name);
}

function tagsAt(host: string, { repository }: Place) {
  return new RegistryWitness({ host }).look(repository);
}

async function pushed({ host, repository, input }: Place): Promise<void> {
  const source = new LocalFiles();
  try {
    const files = filesOf(input, ...killFiles);
    const options = { files, artifactType, tags: ['one', 'two'], annotations: pinned('killed') };
    await push(source, repositoryAt(host, repository), options);
  } finally {
    await source.dispose();
  }
}

/** With a file that is replaced. */
function writeOldFile({ folder }: Place): Promise<void> {
  return writeFile(path.join(folder, 'small.txt'), OLD_TEXT);
}

async function pulled({ host, seeds, folder }: Place): Promise<void> {
  const source = repositoryAt(host, seeds);
  await pull(source, await planPull(source, 'one'), new FolderSink(folder), { policy: 'overwrite' });
}

/** What shows under its name; a killed pull may leave its hidden folder. */
async function named(folder: string): Promise<FolderState> {
  const all = Object.entries(await lookInto(folder));
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('.oci-pull-')));
}

async function damagedFiles({ folder, input }: Place): Promise<readonly string[]> {
  const [now, wanted] = [await named(folder), await lookInto(input)];
  const problems: string[] = [];
  for (const [name, hash] of Object.entries(now)) {
    const isOld = name === 'small.txt' && (await readFile(path.join(folder, name), 'utf8')) === OLD_TEXT;
    if (!isOld && hash !== wanted[name]) problems.push(`${name} is not what was pushed`);
  }
  return problems;
}

async function copied({ host, otherHost, seeds, repository }: Place): Promise<void> {
  const destination = repositoryAt(otherHost, repository);
  await copy(repositoryAt(host, seeds), destination, 'one', { tags: ['copy', 'again'], referrers: true });
}

async function backedUp({ host, seeds, folder }: Place): Promise<void> {
  const target = await layoutBackup(path.join(folder, 'backup'));
  await copyTags(repositoryAt(host, seeds), target.content, { referrers: true });
  await target.finish();
}

const others = {
  credHelpers: { 'gcr.example': 'gcr' },
  HttpHeaders: { 'X-A': '1' },
  detachKeys: 'ctrl-x,ctrl-y',
};

function writeConfig({ folder }: Place): Promise<void> {
  return writeFile(path.join(folder, 'config.json'), JSON.stringify(others, undefined, '\t'));
}

async function signedIn({ folder }: Place): Promise<void> {
  const environment = { variables: {}, homeFolder: '/nowhere', platform: process.platform };
  const store = new DockerConfigStore({ environment }, path.join(folder, 'config.json'));
  for (let index = 0; index < SIGN_INS; index++) {
    const credential = { kind: 'basic', username: 'me', password: `secret ${index}` } as const;
    await store.set(`registry-${index}.example`, credential);
  }
}

async function configIn(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
}

async function damagedConfig({ folder }: Place): Promise<readonly string[]> {
  try {
    const rest = { ...(await configIn(folder)), auths: undefined };
    return JSON.stringify(rest) === JSON.stringify(others) ? [] : ['other members of the config changed'];
  } catch (error) {
    return [`the config cannot be read: ${String(error)}`];
  }
}
