import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf, type Digest } from '../../../src/oci/digest';
import { RegistryError } from '../../../src/oci/errors';
import { childrenOf, parseManifest } from '../../../src/oci/manifest';
import { isManifestType, mediaTypes } from '../../../src/oci/mediaTypes';
import type { Progress } from '../../../src/oci/progress';
import type { ContentSource, ManifestContent, TransferOptions } from '../../../src/oci/target';
import { bytesContent } from '../../../src/operations/bytesContent';
import { copy } from '../../../src/operations/copy';
import { push, type PushOptions } from '../../../src/operations/push';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';
import { putIndex, putLayer, putManifest } from './artifacts';

/** A registry that says of what it lost that it is there, and looks when a manifest names it. */
class LossyTarget extends MemoryTarget {
  readonly lost = new Set<Digest>();
  refusals = 0;
  keepsLosing = false;
  code = 'MANIFEST_BLOB_UNKNOWN';

  override async push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions) {
    const { bytes } = content;
    if (isManifestType(descriptor.mediaType) && bytes) this.refuse(bytes);
    await super.push(descriptor, content, options);
    if (!this.keepsLosing) this.lost.delete(descriptor.digest);
  }

  override async tag(manifest: ManifestContent, tag: string) {
    this.refuse(manifest.bytes);
    await super.tag(manifest, tag);
    this.lost.delete(manifest.descriptor.digest);
  }

  private refuse(bytes: Uint8Array): void {
    const missing = childrenOf(parseManifest(bytes)).find(({ digest }) => this.lost.has(digest));
    if (!missing) return;
    this.refusals++;
    const details = [{ code: this.code, message: missing.digest }];
    throw new RegistryError({ method: 'PUT', url: 'http://r/v2/', status: 404, details, body: '' });
  }
}

describe('Content that was taken for present and that a registry then lacks', () => {
  let folder: string;
  let destination: LossyTarget;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'missing-test-'));
    for (const name of ['a', 'b']) await writeFile(path.join(folder, name), name);
    destination = new LossyTarget();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const run = (options: Partial<PushOptions> = {}) =>
    push(new LocalFiles(), destination, {
      files: ['a', 'b'].map((title) => ({ path: path.join(folder, title), title })),
      tags: ['v1'],
      created: '2024-05-06T07:08:09Z',
      ...options,
    });
  const loseBlobs = (manifest: ManifestContent) => {
    const blobs = childrenOf(parseManifest(manifest.bytes));
    for (const { digest } of blobs) destination.lost.add(digest);
    return blobs.reduce((total, { size }) => total + size, 0);
  };

  for (const options of [{}, { force: true }, { tags: [] }, { tags: ['v1', 'v2'] }])
    it(`is sent by a push with ${JSON.stringify(options)}, and the manifest once more`, async () => {
      const { manifest } = await run();
      const lostBytes = loseBlobs(manifest);
      if ('tags' in options) await destination.remove(manifest.descriptor);
      const progress: Progress[] = [];
      const { pushedBytes, skippedBytes } = await run({
        ...options,
        onProgress: (each) => progress.push(each),
      });
      assert.deepEqual([destination.lost.size, destination.refusals], [0, 1]);
      assert.ok(pushedBytes >= lostBytes);
      assert.equal(skippedBytes + pushedBytes, lostBytes + manifest.descriptor.size);
      assert.equal(progress.at(-1)?.doneBytes, progress.at(-1)?.totalBytes);
      assert.ok(progress.every(({ doneBytes }, at) => doneBytes >= (progress[at - 1]?.doneBytes ?? 0)));
    });

  it('is sent where it was mounted', async () => {
    const { manifest } = await run({ tags: [] });
    const texts = new Map(['{}', 'a', 'b'].map((text) => [digestOf(Buffer.from(text)), text]));
    destination = new LossyTarget();
    loseBlobs(manifest);
    const mount = async (blob: Descriptor) => {
      const bytes = Buffer.from(texts.get(blob.digest) ?? '');
      await MemoryTarget.prototype.push.call(destination, blob, bytesContent(bytes));
      return true;
    };
    Object.assign(destination, { mount });
    const { mountedBytes, pushedBytes, descriptor } = await run({ mountFrom: ['team/has'] });
    assert.deepEqual([mountedBytes, pushedBytes], [0, 4 + descriptor.size]);
  });

  it('is asked for once: a registry that still refuses has the last word', async () => {
    loseBlobs((await run()).manifest);
    destination.keepsLosing = true;
    await assert.rejects(run(), RegistryError);
    assert.equal(destination.refusals, 2);
  });

  it('is no reason to send anything after another refusal', async () => {
    loseBlobs((await run()).manifest);
    destination.code = 'MANIFEST_INVALID';
    await assert.rejects(run(), RegistryError);
    assert.equal(destination.refusals, 1);
  });

  it('is sent by a copy: blobs below a manifest, and manifests below an index with theirs', async () => {
    const source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    const layer = putLayer(source, 'layer');
    const child = putManifest(source, [layer]);
    putIndex(source, [child], 'v1');
    await copy(source, destination, 'v1', { tags: ['v1'] });
    destination.lost.add(child.digest).add(layer.digest);
    const { pushedBytes } = await copy(source, destination, 'v1', { tags: ['v1'] });
    assert.equal(destination.lost.size, 0);
    assert.ok(pushedBytes >= layer.size + child.size);
  });
});
