import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../../src/oci/digest';
import { ContentMismatchError, InvalidContentError, NotFoundError } from '../../../src/oci/errors';
import { MAX_MANIFEST_BYTES } from '../../../src/oci/manifest';
import { bytesContent } from '../../../src/operations/bytesContent';
import { MemoryTarget } from '../../../src/targets/memory';
import { describeTargetContract } from '../../support/targetContract';
import { putManifest } from '../operations/artifacts';

describeTargetContract('MemoryTarget', async () => {
  const target = new MemoryTarget();
  return { target, remover: target };
});

describe('MemoryTarget', () => {
  const target = () => new MemoryTarget();

  it('gives back what was pushed, and refuses what differs from its descriptor', async () => {
    const memory = target();
    const descriptor = { mediaType: 'a/b', digest: digestOf('content'), size: 7 };
    await assert.rejects(memory.push(descriptor, bytesContent(Buffer.from('c0ntent'))), ContentMismatchError);
    await assert.rejects(memory.push(descriptor, bytesContent(Buffer.from('short'))), ContentMismatchError);
    assert.equal(await memory.exists(descriptor), false);
    await assert.rejects(memory.fetch(descriptor), NotFoundError);
    await memory.push(descriptor, bytesContent(Buffer.from('content')));
    assert.equal(await memory.exists(descriptor), true);
    assert.equal(String(await buffer(await memory.fetch(descriptor))), 'content');
  });

  it('stores a manifest under a tag, lists tags behind a name, moves a tag', async () => {
    const memory = target();
    const first = putManifest(memory, [], 'b');
    const content = await memory.readManifest('b');
    await memory.tag(content, 'a');
    assert.deepEqual(await memory.resolve('a'), first);
    const tags: string[] = [];
    for await (const tag of memory.tags({ last: 'a' })) tags.push(tag);
    assert.deepEqual(tags, ['b']);
    const other = target();
    await other.tag(content, 'a');
    assert.deepEqual((await other.readManifest(first.digest)).bytes, content.bytes);
    const wrong = { ...content, bytes: Buffer.from('other') };
    await assert.rejects(other.tag(wrong, 'a'), ContentMismatchError);
  });

  it('reads no blob and nothing oversized as a manifest', async () => {
    const memory = target();
    memory.put('application/octet-stream', Buffer.from('x'), 'blob');
    memory.put('application/vnd.oci.image.index.v1+json', Buffer.alloc(MAX_MANIFEST_BYTES + 1), 'huge');
    await assert.rejects(memory.readManifest('blob'), NotFoundError);
    await assert.rejects(memory.readManifest('huge'), InvalidContentError);
    await assert.rejects(memory.readManifest('none'), NotFoundError);
  });
});
