import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import { layoutPlace } from '../../src/oci/layoutPlace';
import { encodeImageManifest } from '../../src/oci/manifest';
import { attach } from '../../src/operations/attach';
import { copy } from '../../src/operations/copy';
import { copyTags } from '../../src/operations/copyTags';
import { discover, type ReferrerTree } from '../../src/operations/discover';
import { createIndex } from '../../src/operations/imageIndex';
import { deleteManifest, fetchManifest, pushManifest } from '../../src/operations/manifest';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { tag } from '../../src/operations/tag';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { layoutBackup } from '../../src/targets/layout/layoutBackup';
import { LayoutRepository } from '../../src/targets/layout/layoutRepository';
import type { Repository } from '../../src/targets/registry/repository';
import { collect, emptyConfig, pushArtifact, textBlob } from '../support/artifacts';
import { lookAtLayout, lookInto } from './folderWitness';
import { artifactType, filesOf, noteType, pinned } from './seeds';
import type { ServerName } from './servers';
import { own, type Stage } from './stage';

/** Something a user does, as the commands do it. */
export interface Operation {
  readonly name: string;
  readonly servers: readonly ServerName[];
  /** Fills the case's own repository or folder, without a proxy. */
  readonly prepare?: (stage: Stage) => Promise<unknown>;
  /** Resolves with what a user would see, the same each time. */
  readonly run: (stage: Stage) => Promise<unknown>;
  /** What the folder holds, to be compared with a run without a fault; everything below it by default. */
  readonly look?: (folder: string) => Promise<unknown>;
  /** Set where a failure may leave a part in the folder that counts as nothing: an OCI layout without its tag. */
  readonly leavesParts?: true;
}

const both: readonly ServerName[] = ['docker-registry, token', 'the embedded registry'];
const all: readonly ServerName[] = [...both, 'docker-registry, password'];
const embedded: readonly ServerName[] = ['the embedded registry'];
const concurrency = 2;

const pushes: readonly Operation[] = [
  {
    name: 'push files',
    servers: all,
    run: (stage) => pushed(stage, { titles: ['a.txt', 'data.bin', 'empty.txt'], tags: ['one', 'two'] }),
  },
  {
    name: 'push a large file',
    servers: both,
    run: (stage) => pushed(stage, { titles: ['data.bin'], tags: ['one'], earlyBytes: 1 }),
  },
  {
    name: 'push a folder',
    servers: both,
    run: (stage) => pushed(stage, { titles: ['docs'], tags: ['one'] }),
  },
  {
    name: 'push what is there',
    servers: both,
    prepare: (stage) => pushed(stage, { titles: ['a.txt', 'data.bin'], tags: ['one'] }, directly(stage)),
    run: (stage) => pushed(stage, { titles: ['a.txt', 'data.bin'], tags: ['one'] }),
  },
  { name: 'attach', servers: both, prepare: prepareAttachments, run: attached },
  { name: 'push a manifest', servers: both, prepare: prepareBlobs, run: pushedManifest },
  { name: 'create an index', servers: both, prepare: prepareTwo, run: createdIndex },
];

const pulls: readonly Operation[] = [
  { name: 'pull', servers: all, prepare: prepareOldFiles, run: pulled },
  { name: 'fetch a manifest', servers: both, run: async (stage) => digestAt(read(stage), 'v1') },
  { name: 'discover', servers: both, run: async (stage) => treeOf(await discovered(stage)) },
  { name: 'list tags', servers: both, run: (stage) => collect(read(stage).tags({ pageSize: 2 })) },
  { name: 'sign in', servers: all, prepare: prepareConfig, run: signedIn, look: lookAtConfig },
];

const copies: readonly Operation[] = [
  { name: 'copy to another registry', servers: both, run: (stage) => copied(stage, stage.far, false) },
  { name: 'copy with referrers', servers: both, run: (stage) => copied(stage, stage.far, true) },
  {
    name: 'copy what is there',
    servers: both,
    prepare: (stage) =>
      copy(stage.direct.repository(stage.seeds), directly(stage), 'v1', { tags: ['copy'], referrers: true }),
    run: (stage) => copied(stage, stage.far, true),
  },
  { name: 'copy within a registry', servers: both, run: (stage) => copied(stage, stage.near, false) },
  {
    name: 'back up to a folder',
    servers: both,
    run: (stage) => backedUp(stage, 'backup'),
    look: (folder) => lookAtLayout(path.join(folder, 'backup')),
    leavesParts: true,
  },
  { name: 'back up to an archive', servers: both, run: (stage) => backedUp(stage, 'backup.tar') },
  {
    name: 'restore',
    servers: both,
    prepare: (stage) => backUpWith(stage.direct.repository(stage.seeds), path.join(stage.folder, 'backup')),
    run: restored,
    look: (folder) => lookAtLayout(path.join(folder, 'backup')),
  },
];

const changes: readonly Operation[] = [
  {
    name: 'tag',
    servers: both,
    prepare: prepareSubject,
    run: (stage) => tag(own(stage), 'v1', { tags: ['new', 'newer'] }),
  },
  { name: 'remove a tag', servers: embedded, prepare: prepareTwo, run: (stage) => own(stage).untag('v1') },
  { name: 'delete', servers: both, prepare: prepareTwo, run: (stage) => deleteManifest(own(stage), 'v1') },
  { name: 'delete an attachment', servers: both, prepare: prepareAttachments, run: deletedAttachment },
];

/** Every operation that is tried. */
export const operations: readonly Operation[] = [...pushes, ...pulls, ...copies, ...changes];

function read({ near, seeds }: Stage): Repository {
  return near.repository(seeds);
}

/** The case's own repository without a proxy. */
function directly({ direct, repository }: Stage): Repository {
  return direct.repository(repository);
}

async function pushed(
  stage: Stage,
  { titles, ...rest }: { titles: readonly string[]; tags: readonly string[]; earlyBytes?: number },
  target = own(stage),
) {
  const source = stage.newFileSource();
  try {
    const files = filesOf(stage.input, ...titles);
    const options = { files, artifactType, annotations: pinned('pushed'), concurrency, ...rest };
    return (await push(source, target, options)).descriptor;
  } finally {
    await source.dispose();
  }
}

async function attached(stage: Stage) {
  const source = stage.newFileSource();
  try {
    const files = filesOf(stage.input, 'a.txt');
    const options = { files, artifactType: noteType, annotations: pinned('attached'), concurrency };
    return (await attach(source, own(stage), 'v1', options)).descriptor;
  } finally {
    await source.dispose();
  }
}

async function prepareSubject({ direct, repository }: Stage) {
  const target = direct.repository(repository);
  await target.tag(await pushArtifact(target, [textBlob('subject')]), 'v1');
}

async function prepareTwo(stage: Stage) {
  await prepareSubject(stage);
  const target = directly(stage);
  await target.tag(await pushArtifact(target, [textBlob('another')]), 'v2');
}

async function prepareBlobs({ direct, repository }: Stage) {
  await pushArtifact(direct.repository(repository), [textBlob('subject')]);
}

async function prepareAttachments(stage: Stage) {
  await prepareSubject(stage);
  const target = directly(stage);
  const { descriptor: subject } = await target.readManifest('v1');
  for (const name of ['gone', 'stays'])
    await target.tag(await pushArtifact(target, [], { subject, annotations: pinned(name) }), name);
}

function deletedAttachment(stage: Stage) {
  return deleteManifest(own(stage), 'gone');
}

function pushedManifest(stage: Stage) {
  const layers = [textBlob('subject').descriptor];
  const config = emptyConfig.descriptor;
  const bytes = encodeImageManifest({ artifactType, config, layers, annotations: pinned('by hand') });
  return pushManifest(own(stage), bytes, { tags: ['by-hand'] });
}

async function createdIndex(stage: Stage) {
  const options = { manifests: ['v1', 'v2'], tags: ['both'], annotations: pinned('index') };
  return (await createIndex(own(stage), options)).descriptor;
}

/** One file that will be replaced and one that stays. */
async function prepareOldFiles({ folder }: Stage) {
  await writeFile(path.join(folder, 'a.txt'), 'an older text\n');
  await writeFile(path.join(folder, 'mine.txt'), 'not of the artifact\n');
}

async function pulled(stage: Stage) {
  const source = read(stage);
  const plan = await planPull(source, 'v1');
  const result = await pull(source, plan, new FolderSink(stage.folder), { policy: 'overwrite', concurrency });
  return { root: result.root, written: [...result.written].sort() };
}

async function digestAt(source: Repository, reference: string) {
  const { descriptor, bytes } = await fetchManifest(source, reference);
  return { descriptor, text: Buffer.from(bytes).toString('utf8') };
}

function discovered(stage: Stage) {
  return discover(read(stage), 'v1', { concurrency });
}

function treeOf({ root }: { readonly root: ReferrerTree }): unknown {
  const trees = root.referrers.map((each) => JSON.stringify(treeOf({ root: each })));
  return { digest: root.descriptor.digest, referrers: trees.sort() };
}

const config = (folder: string) => path.join(folder, 'config.json');
const environment = { variables: {}, homeFolder: '/nowhere', platform: process.platform };

function prepareConfig({ folder }: Stage) {
  return writeFile(
    config(folder),
    '{"auths":{"other.example":{"auth":"bWU6c2VjcmV0"}},"detachKeys":"ctrl-x"}',
  );
}

/** Asks the registry whether it takes the credential before it is written down. */
async function signedIn({ near, server, folder }: Stage) {
  const { access } = await near.ping();
  const { credential } = server;
  if (credential) await new DockerConfigStore({ environment }, config(folder)).set(near.host, credential);
  return access;
}

/** The port is another one each time. */
async function lookAtConfig(folder: string) {
  const { 'config.json': hash, ...others } = await lookInto(folder);
  const { auths } = JSON.parse(await readFile(config(folder), 'utf8')) as { auths: Record<string, unknown> };
  const mine = Object.values(auths);
  return { isThere: hash !== undefined, others, mine };
}

async function copied(stage: Stage, to: Stage['near'], referrers: boolean) {
  const destination = to.repository(stage.repository);
  return (await copy(read(stage), destination, 'v1', { tags: ['copy'], referrers, concurrency })).root;
}

function backedUp(stage: Stage, name: string) {
  return backUpWith(read(stage), path.join(stage.folder, name));
}

/** As the command does it. One at a time, so that the same bytes come out. */
async function backUpWith(source: Repository, file: string) {
  const target = await layoutBackup(file);
  try {
    const { tags } = await copyTags(source, target.content, {
      tags: ['v1'],
      referrers: true,
      concurrency: 1,
    });
    await target.finish();
    return tags;
  } finally {
    await target.discard();
  }
}

async function restored(stage: Stage) {
  const source = new LayoutRepository(layoutPlace(path.join(stage.folder, 'backup')));
  const options = { tags: ['v1'], referrers: true, concurrency };
  return (await copyTags(source, own(stage), options)).tags.map(({ tag: name, root }) => [name, root]);
}
