import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WaitOptions } from '../../../src/oci/target';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { copy } from '../../../src/operations/copy';
import { copyTags } from '../../../src/operations/copyTags';
import { OciLayout } from '../../../src/targets/layout/ociLayout';
import { MemoryTarget } from '../../../src/targets/memory';
import { putIndex, putLayer, putManifest } from './artifacts';

/** Counts the manifests that are read. */
class CountedSource extends MemoryTarget {
  reads = 0;

  override readManifest(reference: string, options?: WaitOptions) {
    this.reads++;
    return super.readManifest(reference, options);
  }
}

describe('A copy to a layout', () => {
  let folder: string;
  let source: CountedSource;
  let layout: OciLayout;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'copy-layout-'));
    source = new CountedSource();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    layout = new OciLayout(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const lose = (digest: string) => rm(path.join(folder, 'blobs', digest.replace(':', '/')));

  it('does not read below a manifest that is there with all below it', async () => {
    putIndex(
      source,
      [putManifest(source, [putLayer(source, 'a')]), putManifest(source, [putLayer(source, 'b')])],
      'v1',
    );
    await copyTags(source, layout);
    source.reads = 0;
    const { pushedBytes } = await copyTags(source, layout);
    assert.deepEqual([pushedBytes, source.reads], [0, 1]);
  });

  it('brings back a blob and a platform that are gone', async () => {
    const layer = putLayer(source, 'a');
    const child = putManifest(source, [putLayer(source, 'b')]);
    putIndex(source, [putManifest(source, [layer]), child], 'v1');
    await copyTags(source, layout);
    for (const lost of [layer, child]) {
      await lose(lost.digest);
      await copy(source, layout, 'v1', { tags: ['v1'] });
      assert.equal(await layout.exists(lost), true);
    }
  });
});
