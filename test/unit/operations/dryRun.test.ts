import assert from 'node:assert/strict';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { copyTags } from '../../../src/operations/copyTags';
import { DryRun } from '../../../src/operations/dryRun';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putLayer, putManifest } from './artifacts';

describe('a dry run', () => {
  let source: MemoryTarget;
  let destination: MemoryTarget;

  beforeEach(() => {
    [source, destination] = [new MemoryTarget(), new MemoryTarget()];
    for (const target of [source, destination]) target.put(mediaTypes.ociEmpty, Buffer.from('{}'));
  });

  it('counts what a copy then sends, each content once, and writes nothing', async () => {
    const shared = putLayer(source, 'shared');
    putManifest(source, [shared, putLayer(source, 'one')], 'v1');
    putManifest(source, [shared, putLayer(source, 'two')], 'v2');
    destination.push = () => assert.fail('it was written to');
    const dryRun = new DryRun(destination);
    const foreseen = await copyTags(source, dryRun);
    assert.deepEqual([dryRun.manifests.length, dryRun.blobs.length], [2, 3]);
    Reflect.deleteProperty(destination, 'push');
    const { tags, ...counts } = await copyTags(source, destination);
    assert.deepEqual(foreseen, { tags, ...counts });
    const sizes = [...dryRun.manifests, ...dryRun.blobs].map(({ size }) => size);
    assert.equal(
      sizes.reduce((sum, size) => sum + size),
      counts.pushedBytes,
    );
  });

  it('says of each tag whether it is new, there, or moves', async () => {
    const old = putManifest(destination, [], 'moves');
    const same = putManifest(source, [], 'same');
    destination.put(mediaTypes.ociManifest, (await source.readManifest('same')).bytes, 'same');
    const fresh = putManifest(source, [putLayer(source, 'new')], 'moves');
    putManifest(source, [putLayer(source, 'new')], 'new');
    const dryRun = new DryRun(destination);
    await copyTags(source, dryRun);
    assert.deepEqual(dryRun.tags, [
      { tag: 'moves', digest: fresh.digest, now: old.digest },
      { tag: 'new', digest: fresh.digest },
      { tag: 'same', digest: same.digest, now: same.digest },
    ]);
    assert.deepEqual(await collect(destination.tags()), ['moves', 'same']);
  });
});
