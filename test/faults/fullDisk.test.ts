import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import { CredentialStoreError, FileError, RegistryError } from '../../src/oci/errors';
import { copyTags } from '../../src/operations/copyTags';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { layoutBackup } from '../../src/targets/layout/layoutBackup';
import { Registry } from '../../src/targets/registry/registry';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { mountSmallDisk, type SmallDisk } from '../support/smallDisk';
import { HurriedClock } from '../support/testClock';
import { testTransport } from '../support/testTransport';
import { lookAtLayout, lookInto } from './folderWitness';
import { RegistryWitness } from './registryWitness';
import { artifactType, filesOf, pinned } from './seeds';

const DISK_BYTES = 256 * 1024;
const BIG_BYTES = 1024 * 1024;

const isFull = (where: string) => (error: unknown) => {
  assert.ok(error instanceof FileError, String(error));
  assert.equal(error.systemCode, 'ENOSPC');
  assert.ok(error.path.startsWith(where), error.path);
  return true;
};

describe('A disk without room', () => {
  let registry: EmbeddedRegistry;
  let disk: SmallDisk;
  let input: string;
  const repositoryOf = ({ host }: Pick<EmbeddedRegistry, 'host'>) =>
    new Registry(host, testTransport({ clock: new HurriedClock() })).repository('disk/full');

  before(async function () {
    const mounted = await mountSmallDisk(DISK_BYTES);
    if (!mounted) return this.skip();
    disk = mounted;
    registry = await startEmbeddedRegistry();
    input = path.join(registry.root, '..', `${path.basename(registry.root)}-input`);
    await mkdir(path.join(input, 'folder'), { recursive: true });
    const bytes = randomBytes(BIG_BYTES);
    for (const name of ['big.bin', 'folder/big.bin']) await writeFile(path.join(input, name), bytes);
    await writeFile(path.join(input, 'small.txt'), 'small\n');
    for (const [tag, ...titles] of [
      ['file', 'big.bin', 'small.txt'],
      ['folder', 'folder'],
    ] as const)
      await pushTo(repositoryOf(registry), tag, titles);
  });
  beforeEach(() => writeFile(path.join(disk.folder, 'small.txt'), 'mine\n'));
  afterEach(async () => {
    for (const name of Object.keys(await lookInto(disk.folder)))
      await rm(path.join(disk.folder, name), { recursive: true, force: true });
  });
  after(async () => {
    await disk?.stop();
    await registry?.stop();
    if (input) await rm(input, { recursive: true, force: true });
  });

  async function pushTo(target: ReturnType<typeof repositoryOf>, tag: string, titles: readonly string[]) {
    const source = new LocalFiles();
    const options = { files: filesOf(input, ...titles), artifactType, tags: [tag], annotations: pinned(tag) };
    await push(source, target, options).finally(() => source.dispose());
  }

  for (const tag of ['file', 'folder']) {
    it(`keeps a pull of a ${tag} from showing anything, and gets its room back`, async () => {
      const before = await lookInto(disk.folder);
      const source = repositoryOf(registry);
      const plan = await planPull(source, tag);
      const pulling = pull(source, plan, new FolderSink(disk.folder), { policy: 'overwrite' });
      await assert.rejects(pulling, isFull(disk.folder));
      assert.deepEqual(await lookInto(disk.folder), before);
    });
  }

  it('keeps a folder from being packed; nothing is pushed', async () => {
    const before = await lookInto(disk.folder);
    const source = new LocalFiles({ temporaryFolder: disk.folder });
    const options = { files: filesOf(input, 'folder'), artifactType, tags: ['packed'] };
    await assert.rejects(push(source, repositoryOf(registry), options), isFull(disk.folder));
    await source.dispose();
    assert.deepEqual(await lookInto(disk.folder), before);
    const { tags } = await new RegistryWitness(registry).look('disk/full');
    assert.equal(tags['packed'], undefined);
  });

  for (const name of ['backup', 'backup.tar']) {
    it(`keeps a backup to ${name} without the tag that did not fit, and whole`, async () => {
      const file = path.join(disk.folder, name);
      const target = await layoutBackup(file);
      const backingUp = copyTags(repositoryOf(registry), target.content, { tags: ['file'] });
      await assert.rejects(
        backingUp.finally(() => target.discard()),
        isFull(disk.folder),
      );
      assert.deepEqual(await lookAtLayout(file), { tags: {}, broken: [] });
      const names = Object.keys(await lookInto(disk.folder));
      assert.deepEqual(
        names.filter((each) => /\.ingest\/|\.layout|lock/.test(each)),
        [],
      );
    });
  }

  it('leaves the docker config as it was', async () => {
    const file = path.join(disk.folder, 'config.json');
    await writeFile(file, '{"detachKeys":"ctrl-x"}');
    await fillUp(disk.folder);
    const environment = { variables: {}, homeFolder: '/nowhere', platform: process.platform };
    const store = new DockerConfigStore({ environment }, file);
    const credential = { kind: 'basic', username: 'me', password: 'p'.repeat(9_000) } as const;
    await assert.rejects(store.set('registry.example', credential), (error) => {
      assert.ok(error instanceof CredentialStoreError, String(error));
      return /config\.json.*ENOSPC/.test(error.message);
    });
    assert.equal(await readFile(file, 'utf8'), '{"detachKeys":"ctrl-x"}');
    const names = Object.keys(await lookInto(disk.folder));
    assert.deepEqual(names.sort(), ['config.json', 'filler', 'small.txt']);
  });

  it('makes the local registry refuse a push by name, with no tag on a part', async () => {
    const full = await startEmbeddedRegistry({ root: path.join(disk.folder, 'registry') });
    try {
      await assert.rejects(pushTo(repositoryOf(full), 'file', ['small.txt', 'big.bin']), (error) => {
        assert.ok(error instanceof RegistryError, String(error));
        return error.status === 507 && error.message.includes(full.host) && /ENOSPC/.test(error.message);
      });
      assert.deepEqual((await new RegistryWitness(full).look('disk/full')).tags, {});
      await pushTo(repositoryOf(full), 'small', ['small.txt']);
      assert.deepEqual((await new RegistryWitness(full).look('disk/full')).broken, []);
    } finally {
      await full.stop();
    }
  });
});

async function fillUp(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'filler'), Buffer.alloc(2 * DISK_BYTES)).catch(() => undefined);
}
