import assert from 'node:assert/strict';
import type { Descriptor } from '../../../src/oci/descriptor';
import { InvalidContentError, UnsupportedError } from '../../../src/oci/errors';
import { parseManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { choosePlatforms } from '../../../src/operations/choosePlatforms';
import { copy } from '../../../src/operations/copy';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putLayer, putManifest } from './artifacts';

const linux = (architecture: string) => ({ os: 'linux', architecture });

describe('choosing platforms of an index', () => {
  let source: MemoryTarget;
  let amd: Descriptor;
  let arm: Descriptor;
  let riscv: Descriptor;

  beforeEach(() => {
    source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    [amd, arm, riscv] = ['amd', 'arm', 'riscv'].map((text) =>
      putManifest(source, [putLayer(source, text)]),
    ) as [Descriptor, Descriptor, Descriptor];
  });

  /** An index with odd spacing, a number that JavaScript cannot hold, and an attestation of one image. */
  function putOddIndex(): Descriptor {
    const entry = (descriptor: Descriptor, more: object) => JSON.stringify({ ...descriptor, ...more });
    const entries = [
      entry(amd, { platform: linux('amd64') }),
      entry(arm, { platform: linux('arm64'), annotations: { note: '<a>' } }),
      entry(riscv, { platform: linux('riscv64') }),
      entry(riscv, { annotations: { 'vnd.docker.reference.digest': amd.digest } }),
    ];
    const text = `{ "odd": 12345678901234567890, "manifests": [ ${entries.join(' , ')} ],\n"mediaType":"${mediaTypes.ociIndex}", "schemaVersion": 2 }`;
    return source.put(mediaTypes.ociIndex, Buffer.from(text), 'v1');
  }

  const chosen = async (...architectures: readonly string[]) => {
    const { source: from, root } = await choosePlatforms(source, 'v1', {
      platforms: architectures.map(linux),
    });
    return { root, text: Buffer.from((await from.readManifest(root.digest)).bytes).toString() };
  };

  it('keeps the entries for them, in their order, with all else that the index says', async () => {
    putOddIndex();
    const { text } = await chosen('riscv64', 'arm64');
    assert.deepEqual(
      parseManifest(Buffer.from(text)).manifests.map(({ digest }) => digest),
      [arm.digest, riscv.digest],
    );
    assert.match(text, /^\{"odd":12345678901234567890,"manifests":\[\{.*"note":"<a>".*\}\],"mediaType":/);
  });

  it('keeps the attestation of an image that stays', async () => {
    putOddIndex();
    const { text } = await chosen('amd64', 'arm64');
    assert.deepEqual(
      parseManifest(Buffer.from(text)).manifests.map(({ digest }) => digest),
      [amd.digest, arm.digest, riscv.digest],
    );
  });

  it('gives the index itself when all its platforms are chosen, and one manifest for one', async () => {
    const index = putOddIndex();
    assert.equal((await chosen('amd64', 'arm64', 'riscv64')).root.digest, index.digest);
    assert.equal((await chosen('arm64')).root.digest, arm.digest);
    assert.equal((await chosen()).root.digest, index.digest);
  });

  it('refuses a platform that is not there, several of what is no index, and an index that says it twice', async () => {
    putOddIndex();
    await assert.rejects(chosen('amd64', 's390x'), /no manifest for linux\/s390x; it has linux\/amd64, /);
    source.put(mediaTypes.ociManifest, (await source.readManifest(amd.digest)).bytes, 'v1');
    await assert.rejects(chosen('amd64', 'arm64'), /it is no index, so that it cannot be reduced/);
    const entry = JSON.stringify({ ...amd, platform: linux('amd64') });
    const other = JSON.stringify({ ...arm, platform: linux('arm64') });
    const twice = `{"schemaVersion":2,"manifests":[],"manifests":[${entry},${other},${entry.replace('amd64', 's390x')}]}`;
    source.put(mediaTypes.ociIndex, Buffer.from(twice), 'v1');
    await assert.rejects(chosen('amd64', 'arm64'), InvalidContentError);
  });

  it('copies the images that are left, the new index and its tag, and nothing of the others', async () => {
    putOddIndex();
    const destination = new MemoryTarget();
    const platforms = ['arm64', 'riscv64'].map(linux);
    const { root } = await copy(source, destination, 'v1', { platforms, tags: ['two'], referrers: true });
    assert.equal((await destination.resolve('two')).digest, root.digest);
    assert.deepEqual(await Promise.all([amd, arm, riscv].map((each) => destination.exists(each))), [
      false,
      true,
      true,
    ]);
    assert.deepEqual(await collect(source.tags()), ['v1']);
    assert.equal(await source.exists(root), false);
  });

  it('needs a source that lists referrers for these', async () => {
    putOddIndex();
    Object.assign(source, { referrers: undefined });
    const options = { platforms: ['arm64', 'riscv64'].map(linux), referrers: true };
    await assert.rejects(copy(source, new MemoryTarget(), 'v1', options), UnsupportedError);
  });
});
