import assert from 'node:assert/strict';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { MemoryTarget } from '../../../src/targets/memory';
import { readTagDates } from '../../../src/views/tagDates';

describe('dates of tags', () => {
  it('come beside tags that are gone, broken or no tags, which have none', async () => {
    const source = new MemoryTarget();
    const annotations = { 'org.opencontainers.image.created': '2024-01-01T00:00:00Z' };
    const bytes = encodeImageManifest({ config: emptyDescriptor, layers: [], annotations });
    source.put(mediaTypes.ociManifest, bytes, 'v1');
    source.put(mediaTypes.ociManifest, Buffer.from('not json'), 'broken');
    const dates = await readTagDates(source, ['gone', 'broken', '-odd', 'v1'], { known: new Map() });
    assert.deepEqual([...dates.values()].filter(Boolean), [Date.parse('2024-01-01T00:00:00Z')]);
  });
});
