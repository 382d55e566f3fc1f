import assert from 'node:assert/strict';
import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import { InvalidContentError, NotFoundError } from '../../../src/oci/errors';
import { planPull } from '../../../src/operations/planPull';
import { MemoryTarget } from '../../../src/targets/memory';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { putIndex, putLayer, putManifest } from './artifacts';

const AMD = { os: 'linux', architecture: 'amd64' };
const ARM = { os: 'linux', architecture: 'arm64', variant: 'v8' };

describe('planPull', () => {
  let source: MemoryTarget;

  beforeEach(() => {
    source = new MemoryTarget();
  });

  const titles = async (reference: string, options = {}) =>
    (await planPull(source, reference, options)).files.map(({ title }) => title);

  it('lists titled layers as files, untitled ones as skipped, and pins the root by digest', async () => {
    const titled = putLayer(source, 'content', 'a.txt');
    const untitled = putLayer(source, 'chart');
    const root = putManifest(source, [titled, untitled], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(plan, {
      root,
      manifests: [root],
      files: [{ title: 'a.txt', descriptor: titled, unpack: false }],
      skipped: [untitled],
      totalBytes: 7,
    });
  });

  it('plans to unpack what the annotation says, whatever its media type', async () => {
    const layer = putLayer(source, 'packed', 'folder');
    const packed = {
      ...layer,
      annotations: { ...layer.annotations, [annotationKeys.contentUnpack]: 'true' },
    };
    putManifest(source, [packed], 'v1');
    assert.equal((await planPull(source, 'v1')).files[0]?.unpack, true);
  });

  it('takes an empty title for none, and the empty layer for nothing', async () => {
    const nameless = putLayer(source, 'x', '');
    putManifest(source, [nameless, emptyDescriptor], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(plan.files, []);
    assert.deepEqual(plan.skipped, [nameless]);
  });

  it('gives one content under two titles as two files', async () => {
    putManifest(source, [putLayer(source, 'same', 'a'), putLayer(source, 'same', 'b')], 'v1');
    assert.deepEqual(await titles('v1'), ['a', 'b']);
  });

  it('gives one content twice under one title as one file, refuses two contents under it', async () => {
    putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'x', './a')], 'same');
    putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'y', 'a')], 'other');
    assert.deepEqual(await titles('same'), ['a']);
    await assert.rejects(planPull(source, 'other'), /title "a" cannot be used: two layers/);
  });

  it('takes all manifests of an index, or the one for a platform', async () => {
    const amd = { ...putManifest(source, [putLayer(source, '1', 'amd')]), platform: AMD };
    const arm = { ...putManifest(source, [putLayer(source, '2', 'arm')]), platform: ARM };
    putIndex(source, [amd, arm], 'v1');
    assert.deepEqual(await titles('v1'), ['amd', 'arm']);
    assert.deepEqual(await titles('v1', { platform: AMD }), ['amd']);
    assert.deepEqual(await titles('v1', { platform: { os: 'linux', architecture: 'arm64' } }), ['arm']);
    await assert.rejects(
      planPull(source, 'v1', { platform: { ...ARM, variant: 'v7' } }),
      /no manifest for linux\/arm64\/v7; it has linux\/amd64, linux\/arm64\/v8/,
    );
  });

  it('goes through indexes in indexes, each manifest once', async () => {
    const manifest = putManifest(source, [putLayer(source, '1', 'a')]);
    const inner = putIndex(source, [manifest]);
    putIndex(source, [inner, manifest, inner], 'v1');
    const plan = await planPull(source, 'v1');
    assert.deepEqual(
      plan.files.map(({ title }) => title),
      ['a'],
    );
    assert.equal(plan.manifests.length, 3);
  });

  it('refuses indexes that lie too deep, and too many manifests', async () => {
    let deep: Descriptor = putManifest(source, []);
    for (let depth = 0; depth < 20; depth++) deep = putIndex(source, [deep]);
    await assert.rejects(planPull(source, deep.digest), /more than 16 deep/);
    const many = Array.from({ length: 2_001 }, (_, index) =>
      putIndex(source, [{ ...emptyDescriptor, size: index }]),
    );
    putIndex(source, many, 'many');
    await assert.rejects(planPull(source, 'many'), /more than 2000 manifests/);
  });

  it('says what is missing', async () => {
    await assert.rejects(planPull(source, 'none'), NotFoundError);
    source.put('application/vnd.oci.image.manifest.v1+json', Buffer.from('not json'), 'broken');
    await assert.rejects(planPull(source, 'broken'), InvalidContentError);
  });
});
