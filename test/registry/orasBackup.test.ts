import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { InvalidContentError } from '../../src/oci/errors';
import { copyTags } from '../../src/operations/copyTags';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { TarLayout } from '../../src/targets/layout/tarLayout';
import { writeLayoutTar } from '../../src/targets/layout/writeLayoutTar';
import { Registry } from '../../src/targets/registry/registry';
import { collect } from '../support/artifacts';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport, type TestTransport } from '../support/testTransport';

const run = promisify(execFile);

describe('Backup and restore beside the real oras', function () {
  this.timeout(60_000);
  let oras: string;
  let scratch: string;
  let transport: TestTransport;
  let registry: EmbeddedRegistry;

  before(async function () {
    oras = peerOrSkip(this, 'oras');
    scratch = await mkdtemp(path.join(tmpdir(), 'oras-backup-'));
    registry = await startEmbeddedRegistry();
    transport = testTransport();
    await writeFile(path.join(scratch, 'a.txt'), 'first');
    const from = place('from');
    await orasRun(
      'push',
      '--plain-http',
      '--image-spec',
      'v1.0',
      '--artifact-platform',
      'linux/amd64',
      `${from}:amd`,
      'a.txt',
    );
    await orasRun('push', '--plain-http', `${from}:v1,latest`, 'a.txt', '-a', 'a=b');
    await orasRun('manifest', 'index', 'create', '--plain-http', `${from}:multi`, 'amd', '-a', 'a=b');
    await orasRun('attach', '--plain-http', '--artifact-type', 'example/sbom', `${from}:amd`, 'a.txt');
    await orasRun('attach', '--plain-http', '--artifact-type', 'example/note', `${from}:multi`, '-a', 'x=y');
  });

  after(async () => {
    await registry?.stop();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const place = (name: string) => `${registry.host}/team/${name}`;
  const repository = (name: string) => new Registry(registry.host, transport).repository(`team/${name}`);
  const orasRun = (...args: readonly string[]) => run(oras, args, { cwd: scratch });

  /** What a layout folder holds; oras writes the entries of index.json in any order. */
  const contentOf = async (folder: string) => {
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    const { manifests, ...rest } = JSON.parse(await read('index.json')) as { manifests: unknown[] };
    return {
      index: { ...rest, manifests: manifests.map((entry) => JSON.stringify(entry)).sort() },
      marker: await read('oci-layout'),
      blobs: (await readdir(path.join(folder, 'blobs/sha256'))).sort(),
    };
  };

  for (const [name, args, options] of [
    ['whole', [], {}],
    ['with referrers', ['--include-referrers'], { referrers: true }],
  ] as const) {
    it(`backs a repository up to the layout that oras writes: ${name}`, async () => {
      const [ours, theirs] = [path.join(scratch, `ours ${name}`), path.join(scratch, `theirs ${name}`)];
      const result = await copyTags(repository('from'), new OciLayout(ours), options);
      await orasRun('backup', '--plain-http', ...args, '-o', theirs, place('from'));
      assert.deepEqual(await contentOf(ours), await contentOf(theirs));
      assert.deepEqual(result.tags.map(({ tag }) => tag).sort(), ['amd', 'latest', 'multi', 'v1']);
    });
  }

  it('backs chosen tags up', async () => {
    const [ours, theirs] = [path.join(scratch, 'ours tags'), path.join(scratch, 'theirs tags')];
    await copyTags(repository('from'), new OciLayout(ours), { tags: ['v1', 'amd'], referrers: true });
    await orasRun('backup', '--plain-http', '--include-referrers', '-o', theirs, `${place('from')}:v1,amd`);
    assert.deepEqual(await contentOf(ours), await contentOf(theirs));
  });

  it('restores from a folder and a tar of oras, tags and referrers', async () => {
    for (const [index, name] of ['theirs', 'theirs.tar'].entries()) {
      await orasRun('backup', '--plain-http', '--include-referrers', '-o', name, place('from'));
      const file = path.join(scratch, name);
      const source = name.endsWith('.tar') ? await TarLayout.open(file) : new OciLayout(file);
      const target = repository(`restored${index}`);
      await copyTags(source, target, { referrers: true });
      await assertSame(`restored${index}`);
    }
  });

  it('writes a folder and a tar that oras restores, tags and referrers', async () => {
    const layout = new OciLayout(path.join(scratch, 'ours'));
    await copyTags(repository('from'), layout, { referrers: true });
    const archive = path.join(scratch, 'ours.tar');
    await writeLayoutTar(layout.root, archive);
    await orasRun('restore', '--plain-http', '--input', layout.root, place('by-oras0'));
    await orasRun('restore', '--plain-http', '--input', archive, place('by-oras1'));
    for (const index of [0, 1]) await assertSame(`by-oras${index}`);
  });

  it('says that a repository without tags has nothing to back up', async () => {
    const layout = new OciLayout(path.join(scratch, 'empty'));
    await assert.rejects(copyTags(layout, new OciLayout(path.join(scratch, 'none'))), InvalidContentError);
  });

  async function assertSame(name: string): Promise<void> {
    const [from, to] = [repository('from'), repository(name)];
    const tags = await collect(from.tags());
    assert.deepEqual(await collect(to.tags()), tags);
    for (const tag of tags) {
      const subject = await from.resolve(tag);
      assert.deepEqual(await to.resolve(tag), subject);
      assert.deepEqual(await collect(to.referrers(subject)), await collect(from.referrers(subject)));
    }
  }
});
