import assert from 'node:assert/strict';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { discover, type ReferrerTree } from '../../../src/operations/discover';
import { MemoryTarget } from '../../../src/targets/memory';
import { putManifest } from './artifacts';

describe('discover', () => {
  let source: MemoryTarget;
  let root: Descriptor;

  const refer = (to: Descriptor, artifactType: string): Descriptor => {
    const fields = { artifactType, config: emptyDescriptor, layers: [], subject: to };
    return source.put(mediaTypes.ociManifest, encodeImageManifest(fields));
  };

  const types = ({ referrers }: ReferrerTree): unknown =>
    Object.fromEntries(referrers.map((each) => [each.descriptor.artifactType, types(each)]));

  beforeEach(() => {
    source = new MemoryTarget();
    root = putManifest(source, [], 'v1');
    const sbom = refer(root, 'a/sbom');
    refer(refer(sbom, 'a/signature'), 'a/note');
    refer(root, 'a/signature');
  });

  it('finds what refers to it, and to that again', async () => {
    const { root: found, isWhole } = await discover(source, 'v1');
    assert.equal(found.descriptor.digest, root.digest);
    assert.deepEqual(types(found), { 'a/sbom': { 'a/signature': { 'a/note': {} } }, 'a/signature': {} });
    assert.equal(isWhole, true);
  });

  it('stops at a depth and says so', async () => {
    const { root: found, isWhole } = await discover(source, 'v1', { depth: 1 });
    assert.deepEqual(types(found), { 'a/sbom': {}, 'a/signature': {} });
    assert.equal(isWhole, false);
  });

  it('narrows each list by type', async () => {
    const { root: found } = await discover(source, 'v1', { artifactType: 'a/signature' });
    assert.deepEqual(types(found), { 'a/signature': {} });
  });

  it('ends where lists go round in a circle', async () => {
    const one = refer(root, 'a/one');
    source.referrers = async function* ({ digest }) {
      yield digest === root.digest ? one : root;
      yield { ...one, digest };
    };
    const { root: found, isWhole } = await discover(source, 'v1');
    assert.equal(found.referrers.length, 1);
    assert.deepEqual(found.referrers[0]?.referrers, []);
    assert.equal(isWhole, true);
  });

  it('ends where each list leads to a new one', async () => {
    let count = 0;
    source.referrers = async function* () {
      yield { mediaType: mediaTypes.ociManifest, digest: digestOf(String(count++)), size: 1 };
    };
    assert.equal((await discover(source, 'v1')).isWhole, false);
    assert.ok(count < 100);
  });
});
