import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../src/oci/descriptor';
import { parseManifest } from '../../src/oci/manifest';
import type { Reader, Remover } from '../../src/oci/target';
import { attach } from '../../src/operations/attach';
import { pushBlob } from '../../src/operations/blob';
import { copy } from '../../src/operations/copy';
import { copyTags } from '../../src/operations/copyTags';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push, type PushOptions } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { Registry } from '../../src/targets/registry/registry';
import { collect } from '../support/artifacts';
import { startDistribution, startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const CREATED = '2020-01-01T00:00:00Z';
const PAST = { 'org.opencontainers.image.created': CREATED };
const kinds = [
  ['docker-registry', startDockerRegistry],
  ['distribution', startDistribution],
] as const;

for (const [program, start] of kinds)
  describe(`Content that the cache of ${program} outlives`, function () {
    this.timeout(60_000);
    let registry: DockerRegistry;
    let folder: string;
    before(function () {
      peerOrSkip(this, program);
    });
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'oci-gone-'));
      await writeFile(path.join(folder, 'f.txt'), 'hello');
      registry = await start({ blobCache: true, deleteEnabled: true });
    });
    afterEach(async () => {
      await registry?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const repository = (name = 'team/x') => new Registry(registry.host, testTransport()).repository(name);
    const files = () => [{ path: path.join(folder, 'f.txt'), title: 'f.txt' }];
    const pushFile = (options: Partial<PushOptions> = {}, name?: string) =>
      push(new LocalFiles(), repository(name), {
        files: files(),
        tags: ['v1'],
        annotations: PAST,
        ...options,
      });
    const lose = async (target: Remover, ...manifests: readonly Descriptor[]) => {
      for (const each of manifests) await target.remove(each);
      await registry.collectGarbage();
    };
    const assertPulled = async (source: Reader, reference = 'v1') => {
      const sink = new FolderSink(path.join(folder, 'out'));
      const { written } = await pull(source, await planPull(source, reference), sink, {
        policy: 'overwrite',
      });
      assert.deepEqual(written, ['f.txt']);
    };

    for (const force of [false, true])
      it(`is pushed again, ${force ? 'forced' : 'as any push'}`, async () => {
        const { descriptor } = await pushFile();
        await lose(repository(), descriptor);
        await pushFile({ force });
        await assertPulled(repository());
      });

    it('is pushed again by its digest, and to another repository', async () => {
      const { descriptor } = await pushFile();
      await lose(repository(), descriptor);
      await pushFile({ tags: [] });
      await assertPulled(repository(), descriptor.digest);
      await lose(repository(), descriptor);
      await pushFile({}, 'team/y');
      await assertPulled(repository('team/y'));
    });

    it('is pushed again where the blobs alone are gone below a manifest that can be read', async () => {
      const { manifest } = await pushFile();
      const [layer] = parseManifest(manifest.bytes).layers;
      const hex = layer?.digest.slice('sha256:'.length) ?? '';
      const blobs = path.join(registry.folder, 'storage/docker/registry/v2/blobs/sha256');
      await rm(path.join(blobs, hex.slice(0, 2), hex), { recursive: true });
      await pushFile();
      await assertPulled(repository());
    });

    it('is sent again while it is read', async () => {
      const options = { path: path.join(folder, 'f.txt'), earlyBytes: 1 };
      await pushBlob(new LocalFiles(), repository(), options);
      await registry.collectGarbage();
      const descriptor = await pushBlob(new LocalFiles(), repository(), options);
      assert.equal(String(await buffer(await repository().fetch(descriptor))), 'hello');
    });

    it('is attached again', async () => {
      const { descriptor: subject } = await pushFile();
      const note = () =>
        attach(new LocalFiles(), repository(), 'v1', {
          files: files(),
          artifactType: 'a/note',
          annotations: PAST,
          created: CREATED,
        });
      const { descriptor } = await note();
      await lose(repository(), descriptor, subject);
      await pushFile();
      await note();
      await assertPulled(repository(), descriptor.digest);
      const listed = await collect(repository().referrers(subject));
      assert.deepEqual(
        listed.map(({ digest }) => digest),
        [descriptor.digest],
      );
    });

    it('is copied, restored and mounted again', async () => {
      const layout = new OciLayout(path.join(folder, 'layout'));
      const { descriptor } = await pushFile();
      await copyTags(repository(), layout, { tags: ['v1'] });
      await lose(repository(), descriptor);
      await copyTags(layout, repository(), {});
      await assertPulled(repository());
      await copy(repository(), repository('team/copy'), 'v1', { tags: ['v1'] });
      await lose(repository('team/copy'), descriptor);
      await lose(repository(), descriptor);
      await copy(layout, repository('team/copy'), 'v1', { tags: ['v1'], mountFrom: ['team/x'] });
      await assertPulled(repository('team/copy'));
    });
  });
