import assert from 'node:assert/strict';
import { annotationKeys } from '../../../src/oci/annotations';
import { digestOf } from '../../../src/oci/digest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { planLayer } from '../../../src/operations/planLayer';
import { MemoryTarget } from '../../../src/targets/memory';

describe('a pull of one layer', () => {
  const source = new MemoryTarget();
  const layer = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf('layer'), size: 5 };

  it('has the title of the layer, and unpacks what is a folder', async () => {
    const annotations = { [annotationKeys.title]: 'docs', [annotationKeys.contentUnpack]: 'true' };
    const { files, totalBytes } = await planLayer(source, { ...layer, annotations });
    assert.deepEqual(
      files.map(({ title, unpack }) => [title, unpack]),
      [['docs', true]],
    );
    assert.equal(totalBytes, 5);
  });

  it('names a layer without a title by its digest and its type', async () => {
    const [file] = (await planLayer(source, layer)).files;
    assert.match(file?.title ?? '', /^[0-9a-f]{12}\.tar\.gz$/);
    assert.equal(file?.unpack, false);
  });

  it('leaves it out where it is fetched from elsewhere', async () => {
    const { files, leftOut = [] } = await planLayer(source, {
      ...layer,
      urls: ['https://example.com/layer'],
    });
    assert.deepEqual([files.length, leftOut.length], [0, 1]);
  });
});
