import assert from 'node:assert/strict';
import { encodeImageIndex, encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { createdOf } from '../../../src/operations/createdOf';
import { MemoryTarget } from '../../../src/targets/memory';
import { putIndex, putManifest } from './artifacts';

const YEAR_2020 = Date.UTC(2020, 0, 1);
const created = '2020-01-01T00:00:00Z';

describe('when an artifact was made', () => {
  const target = new MemoryTarget();
  const putImage = (config: string) =>
    target.put(
      mediaTypes.ociManifest,
      encodeImageManifest({ config: target.put(mediaTypes.ociConfig, Buffer.from(config)), layers: [] }),
    );

  it('is told by its annotation', async () => {
    const annotations = { 'org.opencontainers.image.created': created };
    const bytes = encodeImageManifest({ config: emptyDescriptor, layers: [], annotations });
    assert.equal(await createdOf(target, target.put(mediaTypes.ociManifest, bytes).digest), YEAR_2020);
  });

  it('is told by the config of an image, and for an index by its first image', async () => {
    const image = putImage(JSON.stringify({ created }));
    assert.equal(await createdOf(target, image.digest), YEAR_2020);
    assert.equal(await createdOf(target, putIndex(target, [image]).digest), YEAR_2020);
  });

  it('is not known where nothing says it, where it is no time, and of indexes in indexes', async () => {
    const image = putImage(JSON.stringify({ created }));
    const nested = putIndex(target, [putIndex(target, [image])]);
    const annotations = { 'org.opencontainers.image.created': 'yesterday' };
    const odd = target.put(mediaTypes.ociIndex, encodeImageIndex({ manifests: [], annotations }));
    for (const each of [putManifest(target, []), putImage('{'), putImage('{"created":5}'), nested, odd])
      assert.equal(await createdOf(target, each.digest), undefined);
  });
});
