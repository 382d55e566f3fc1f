import assert from 'node:assert/strict';
import type { Descriptor } from '../../../src/oci/descriptor';
import { InvalidContentError, NotFoundError } from '../../../src/oci/errors';
import { parseManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { attach, type AttachOptions } from '../../../src/operations/attach';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putIndex, putLayer, putManifest } from './artifacts';

const NOTE = { artifactType: 'a/note', files: [], annotations: { a: 'b' } };

describe('attach', () => {
  let target: MemoryTarget;
  let root: Descriptor;

  beforeEach(() => {
    target = new MemoryTarget();
    root = putManifest(target, [putLayer(target, 'a')], 'v1');
  });

  const run = (options: Partial<AttachOptions> = {}, reference = 'v1') =>
    attach(new LocalFiles(), target, reference, { ...NOTE, ...options });

  it('writes a subject that is media type, digest and size alone, and no tag', async () => {
    const { manifest, subject } = await run();
    const { mediaType, digest, size } = root;
    assert.deepEqual(parseManifest(manifest.bytes).subject, { mediaType, digest, size });
    assert.equal(subject.digest, digest);
    const listed = await collect(target.referrers(root));
    assert.deepEqual(
      listed.map((each) => each.digest),
      [manifest.descriptor.digest],
    );
    assert.deepEqual(await collect(target.tags()), ['v1']);
  });

  it('is sent again when it is there, for it may not be listed yet', async () => {
    const created = '2024-05-06T07:08:09Z';
    await run({ created });
    assert.ok((await run({ created })).pushedBytes > 0);
  });

  it('finds its subject by platform', async () => {
    const platform = { os: 'linux', architecture: 'arm64' };
    putIndex(target, [{ ...root, platform, annotations: { x: 'y' } }], 'multi');
    const { subject, manifest } = await run({ platform }, 'multi');
    assert.equal(subject.digest, root.digest);
    assert.equal(parseManifest(manifest.bytes).subject?.platform, undefined);
    await assert.rejects(run({ platform: { ...platform, os: 'plan9' } }, 'multi'), InvalidContentError);
  });

  it('finds the platform of an image in its config', async () => {
    const config = target.put(mediaTypes.ociConfig, Buffer.from('{"os":"linux","architecture":"s390x"}'));
    const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] };
    const own = target.put(mediaTypes.ociManifest, Buffer.from(JSON.stringify(image)), 'image');
    const platform = { os: 'linux', architecture: 's390x' };
    assert.equal((await run({ platform }, 'image')).subject.digest, own.digest);
    await assert.rejects(
      run({ platform: { ...platform, architecture: 'arm' } }, 'image'),
      /it is for linux\/s390x/,
    );
    await assert.rejects(run({ platform }, 'v1'), /it names no platform/);
  });

  it('refuses nothing to attach, no type, and a subject that is not there', async () => {
    await assert.rejects(run({ annotations: {} }), InvalidContentError);
    await assert.rejects(run({ artifactType: '' }), InvalidContentError);
    await assert.rejects(run({}, 'absent'), NotFoundError);
  });
});
