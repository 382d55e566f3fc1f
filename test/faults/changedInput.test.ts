import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import { CredentialStoreError, FileError } from '../../src/oci/errors';
import { copyTags } from '../../src/operations/copyTags';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { layoutBackup } from '../../src/targets/layout/layoutBackup';
import { MemoryTarget } from '../../src/targets/memory';
import { Registry } from '../../src/targets/registry/registry';
import { pushArtifact, textBlob } from '../support/artifacts';
import { asNobody } from '../support/asNobody';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { startFaultyProxy, type FaultyProxy } from '../support/faultyProxy';
import { HurriedClock } from '../support/testClock';
import { testTransport } from '../support/testTransport';
import { lookInto } from './folderWitness';
import { RegistryWitness } from './registryWitness';
import { artifactType, filesOf } from './seeds';

const BIG_BYTES = 3 * 1024 * 1024;
/** More files than are read ahead of their turn. */
const FILE_COUNT = 60;

/** The first file of the folder, read in pieces. */
const FIRST = '0.bin';

const isFileError = (code: string, file: string) => (error: unknown) => {
  assert.ok(error instanceof FileError, String(error));
  assert.equal(error.systemCode, code);
  assert.ok(error.path.endsWith(file), error.path);
  return true;
};

describe('Files and folders that change or are closed', () => {
  let registry: EmbeddedRegistry;
  let proxy: FaultyProxy;
  let scratch: string;
  /** Called with the first upload. */
  let meanwhile: () => Promise<void>;
  const at = (...names: readonly string[]) => path.join(scratch, ...names);
  const repositoryAt = (host: string) =>
    new Registry(host, testTransport({ clock: new HurriedClock() })).repository('changed/input');

  before(async () => {
    registry = await startEmbeddedRegistry();
  });
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-changed-'));
    await writeFile(at('a.txt'), 'a\n');
    await writeFile(at('big.bin'), Buffer.alloc(BIG_BYTES, 'big '));
    await mkdir(at('folder'));
    await mkdir(at('temporary'));
    await writeFile(at('folder', FIRST), Buffer.alloc(BIG_BYTES));
    for (let index = 0; index < FILE_COUNT; index++)
      await writeFile(at('folder', `${index}.txt`), `${index}\n`);
    meanwhile = async () => undefined;
    let uploads = 0;
    const faultFor = async ({ method }: { readonly method: string }) => {
      if (method === 'POST' && ++uploads === 1) await meanwhile();
      return undefined;
    };
    proxy = await startFaultyProxy({ upstream: registry.host, faultFor });
  });
  afterEach(async () => {
    await proxy.stop();
    await rm(scratch, { recursive: true, force: true });
  });
  after(() => registry.stop());

  const pushing = async (tag: string, titles: readonly string[]) => {
    const source = new LocalFiles({ temporaryFolder: at('temporary') });
    const options = { files: filesOf(scratch, ...titles), artifactType, tags: [tag] };
    await push(source, repositoryAt(proxy.host), options).finally(() => source.dispose());
  };
  const assertNothingOf = async (tag: string) => {
    const { tags, broken } = await new RegistryWitness(registry).look('changed/input');
    assert.equal(tags[tag], undefined);
    assert.deepEqual(broken, []);
    assert.deepEqual(await lookInto(at('temporary')), {});
  };

  const changes: Readonly<Record<string, readonly [code: string, change: () => Promise<void>]>> = {
    'written to': ['CHANGED', () => appendFile(at('big.bin'), 'more')],
    deleted: ['ENOENT', () => rm(at('big.bin'))],
    'cut short': ['CHANGED', () => writeFile(at('big.bin'), 'short')],
    replaced: [
      'CHANGED',
      async () => {
        await writeFile(at('new.bin'), Buffer.alloc(BIG_BYTES, 'big '));
        await rename(at('new.bin'), at('big.bin'));
      },
    ],
  };
  for (const [name, [code, change]] of Object.entries(changes)) {
    it(`a file that is ${name} while it is pushed is named, and nothing is tagged`, async () => {
      meanwhile = change;
      await assert.rejects(
        pushing(name.replace(' ', '-'), ['big.bin', 'a.txt']),
        isFileError(code, 'big.bin'),
      );
      await assertNothingOf(name.replace(' ', '-'));
    });
  }

  const folderChanges: Readonly<Record<string, readonly [code: string, change: () => void]>> = {
    'grows in a file': ['CHANGED', () => appendFileSync(at('folder', FIRST), 'more')],
    'loses a file': ['ENOENT', () => rmSync(at('folder', '9.txt'))],
    'is deleted': ['ENOENT', () => rmSync(at('folder'), { recursive: true })],
  };
  for (const [name, [code, change]] of Object.entries(folderChanges)) {
    it(`a folder that ${name} while it is packed is named, and nothing is pushed`, async () => {
      const source = new LocalFiles({ temporaryFolder: at('temporary') });
      let isChanged = false;
      const onBytes = () => {
        if (!isChanged) change();
        isChanged = true;
      };
      const packing = source.add({ path: at('folder'), title: 'folder' }, { onBytes });
      await assert.rejects(packing, (error) => error instanceof FileError && error.systemCode === code);
      await source.dispose();
      await assertNothingOf('folder');
    });
  }

  it('a folder without the right to write keeps a pull from beginning, and is named', async () => {
    await pushing('read', ['a.txt']);
    await mkdir(at('closed'));
    await chmod(at('closed'), 0o555);
    await chmod(scratch, 0o755);
    const source = repositoryAt(registry.host);
    const plan = await planPull(source, 'read');
    await asNobody(async () => {
      const pulling = pull(source, plan, new FolderSink(at('closed')), { policy: 'overwrite' });
      await assert.rejects(pulling, (error) => error instanceof FileError && error.systemCode === 'EACCES');
      const within = pull(source, plan, new FolderSink(at('closed/new')), { policy: 'overwrite' });
      await assert.rejects(within, isFileError('EACCES', 'closed/new'));
    });
    assert.deepEqual(await lookInto(at('closed')), {});
  });

  it('a folder without the right to write keeps a backup from beginning, and is named', async () => {
    await mkdir(at('closed'));
    await chmod(at('closed'), 0o555);
    await chmod(scratch, 0o755);
    const source = new MemoryTarget();
    await source.tag(await pushArtifact(source, [textBlob('content')]), 'read');
    await asNobody(async () => {
      for (const name of ['closed', 'closed/backup', 'closed/backup.tar']) {
        const target = await layoutBackup(at(name));
        const backingUp = copyTags(source, target.content, { tags: ['read'] });
        await assert.rejects(
          backingUp.finally(() => target.discard()),
          (error) => error instanceof FileError && error.path.includes('closed'),
        );
      }
    });
    assert.deepEqual(await lookInto(at('closed')), {});
  });

  it('a docker config without the right to write is named and left', async () => {
    await mkdir(at('closed'));
    await writeFile(at('closed/config.json'), '{}');
    await chmod(at('closed'), 0o555);
    await chmod(scratch, 0o755);
    const environment = { variables: {}, homeFolder: '/nowhere', platform: process.platform };
    const store = new DockerConfigStore({ environment }, at('closed/config.json'));
    const credential = { kind: 'basic', username: 'me', password: 'secret' } as const;
    await asNobody(() =>
      assert.rejects(store.set('registry.example', credential), (error) => {
        assert.ok(error instanceof CredentialStoreError, String(error));
        return error.message.includes(at('closed/config.json')) && /EACCES/.test(error.message);
      }),
    );
    assert.deepEqual(Object.keys(await lookInto(at('closed'))), ['config.json']);
  });
});
