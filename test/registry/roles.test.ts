import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { Reader, TagLister } from '../../src/oci/target';
import { attach } from '../../src/operations/attach';
import { fetchBlob, pushBlob } from '../../src/operations/blob';
import { copy } from '../../src/operations/copy';
import { copyTags } from '../../src/operations/copyTags';
import { fetchConfig } from '../../src/operations/manifest';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { Registry } from '../../src/targets/registry/registry';
import { collect, emptyConfig, manifestOf, sourceOf, textBlob } from '../support/artifacts';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { testTransport } from '../support/testTransport';

/** A text that is a manifest itself, and names what no registry here has. */
const text = Buffer.from(manifestOf([textBlob('nowhere')]).bytes).toString();
const types = [mediaTypes.ociManifest, mediaTypes.ociIndex, mediaTypes.dockerSchema1Signed];

for (const mediaType of types)
  describe(`A file of the media type ${mediaType}`, function () {
    this.timeout(30_000);
    let registry: Awaited<ReturnType<typeof startEmbeddedRegistry>>;
    let folder: string;
    before(async () => {
      registry = await startEmbeddedRegistry();
      folder = await mkdtemp(path.join(tmpdir(), 'oci-roles-'));
      await writeFile(path.join(folder, 'm.json'), text);
    });
    after(async () => {
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const at = (name: string) => new Registry(registry.host, testTransport()).repository(name);
    const file = () => ({ path: path.join(folder, 'm.json'), title: 'm.json', mediaType });
    const assertPulled = async (source: Reader, reference = 'v1') => {
      const out = path.join(folder, 'out');
      const plan = await planPull(source, reference);
      assert.deepEqual((await pull(source, plan, new FolderSink(out), { policy: 'overwrite' })).written, [
        'm.json',
      ]);
      assert.equal(await readFile(path.join(out, 'm.json'), 'utf8'), text);
    };
    const assertOneManifest = async (source: Reader & TagLister) => {
      assert.deepEqual(await collect(source.tags()), ['v1']);
      await assert.rejects(source.resolve(textBlob(text).descriptor.digest), { name: 'NotFoundError' });
    };

    it('is a blob when it is pushed, copied, mounted, backed up, restored and pulled', async () => {
      await push(new LocalFiles(), at('a'), { files: [file()], tags: ['v1'] });
      await copy(at('a'), at('b'), 'v1', { tags: ['v1'] });
      const layout = new OciLayout(path.join(folder, 'layout'));
      await copyTags(at('b'), layout);
      await copyTags(layout, at('c'));
      for (const each of [at('a'), at('b'), layout, at('c')]) {
        await assertPulled(each);
        await assertOneManifest(each);
      }
      const again = await copy(layout, at('c'), 'v1', { tags: ['v1'] });
      assert.equal(again.pushedBytes, 0);
    });

    it('is a blob when it is attached, and when it is pushed and fetched for itself', async () => {
      await push(new LocalFiles(), at('d'), { files: [], artifactType: 'a/b', tags: ['v1'] });
      const { descriptor } = await attach(new LocalFiles(), at('d'), 'v1', {
        artifactType: 'a/b',
        files: [file()],
      });
      await assertPulled(at('d'), descriptor.digest);
      const blob = await pushBlob(new LocalFiles(), at('e'), { ...file(), earlyBytes: 1 });
      const sink = new FolderSink(path.join(folder, 'blob'));
      await fetchBlob(at('e'), blob.digest, sink, { title: 'x' });
      assert.equal(await readFile(path.join(folder, 'blob', 'x'), 'utf8'), text);
    });

    it('is a blob as a config', async () => {
      const config = { path: path.join(folder, 'm.json'), mediaType };
      await push(new LocalFiles(), at('f'), { files: [], config, tags: ['v1'] });
      assert.equal(String((await fetchConfig(at('f'), 'v1')).bytes), text);
    });
  });

describe('A digest that is a layer here and a manifest there', () => {
  it('is copied as both', async () => {
    const registry = await startEmbeddedRegistry();
    try {
      const at = (name: string) => new Registry(registry.host, testTransport()).repository(name);
      const inner = manifestOf([]);
      const asLayer = { descriptor: inner.descriptor, bytes: Buffer.from(inner.bytes) };
      const outer = manifestOf([asLayer], { subject: inner.descriptor });
      await at('x').push(emptyConfig.descriptor, sourceOf(emptyConfig.bytes));
      await at('x').push({ ...inner.descriptor, mediaType: mediaTypes.octets }, sourceOf(inner.bytes));
      await at('x').push(inner.descriptor, sourceOf(inner.bytes));
      await at('x').push(outer.descriptor, sourceOf(outer.bytes));
      await copy(at('x'), at('y'), outer.descriptor.digest, { tags: ['v1'] });
      assert.equal((await at('y').readManifest(inner.descriptor.digest)).bytes.length, inner.bytes.length);
      assert.equal((await at('y').resolveBlob(inner.descriptor.digest)).size, inner.bytes.length);
    } finally {
      await registry.stop();
    }
  });
});
