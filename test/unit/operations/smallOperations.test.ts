import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf } from '../../../src/oci/digest';
import {
  InvalidContentError,
  InvalidReferenceError,
  NotFoundError,
  UnsafePathError,
} from '../../../src/oci/errors';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { deleteBlob, fetchBlob, pushBlob } from '../../../src/operations/blob';
import { deleteManifest, fetchConfig, fetchManifest, pushManifest } from '../../../src/operations/manifest';
import { planDelete } from '../../../src/operations/planDelete';
import { tag } from '../../../src/operations/tag';
import { FolderSink } from '../../../src/targets/folder/folderSink';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putIndex, putLayer, putManifest } from './artifacts';

describe('Small operations', () => {
  let target: MemoryTarget;
  let folder: string;

  beforeEach(async () => {
    target = new MemoryTarget();
    folder = await mkdtemp(path.join(tmpdir(), 'small-operations-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('tag what a tag or digest stands for', async () => {
    const root = putManifest(target, [], 'v1');
    assert.equal((await tag(target, 'v1', { tags: ['v1.0', 'latest'] })).digest, root.digest);
    await tag(target, root.digest, { tags: ['other'] });
    assert.deepEqual(await collect(target.tags()), ['latest', 'other', 'v1', 'v1.0']);
    await assert.rejects(tag(target, 'absent', { tags: ['no good'] }), InvalidReferenceError);
    await assert.rejects(tag(target, 'absent', { tags: ['good'] }), NotFoundError);
  });

  it('fetch a manifest and its config, of one platform when asked', async () => {
    const config = target.put(mediaTypes.ociConfig, Buffer.from('{"os":"linux"}'));
    const text = JSON.stringify({ schemaVersion: 2, config, layers: [] });
    const image = target.put(mediaTypes.ociManifest, Buffer.from(text), 'image');
    const platform = { os: 'linux', architecture: 'amd64' };
    putIndex(target, [{ ...image, platform }], 'multi');
    assert.equal((await fetchManifest(target, 'multi')).manifest.kind, 'image-index');
    const { bytes } = await fetchManifest(target, 'multi', { platform });
    assert.equal(Buffer.from(bytes).toString(), text);
    assert.equal(Buffer.from((await fetchConfig(target, 'image')).bytes).toString(), '{"os":"linux"}');
    await assert.rejects(fetchConfig(target, 'multi'), /it has no config/);
  });

  it('push an edited manifest as new, byte for byte, and delete it', async () => {
    const text = Buffer.from('{ "schemaVersion": 2, "manifests": [] }\n');
    const pushed = await pushManifest(target, text, { tags: ['v1'] });
    assert.deepEqual(pushed, { mediaType: mediaTypes.ociIndex, digest: digestOf(text), size: text.length });
    assert.deepEqual(Buffer.from((await target.readManifest('v1')).bytes), text);
    await assert.rejects(pushManifest(target, Buffer.from('{}'), { tags: [] }), InvalidContentError);
    await assert.rejects(pushManifest(target, text, { tags: ['no good'] }), InvalidReferenceError);
    await deleteManifest(target, 'v1');
    await assert.rejects(target.resolve('v1'), NotFoundError);
    await assert.rejects(deleteManifest(target, 'v1'), NotFoundError);
  });

  it('push, fetch and delete a blob by its digest', async () => {
    const file = path.join(folder, 'a');
    await writeFile(file, 'bytes');
    const blob = await pushBlob(new LocalFiles(), target, { path: file });
    assert.deepEqual(blob, { mediaType: mediaTypes.ociLayer, digest: digestOf('bytes'), size: 5 });
    const sink = () => new FolderSink(path.join(folder, 'out'));
    await fetchBlob(target, blob.digest, sink(), { title: 'b.bin' });
    assert.equal(await readFile(path.join(folder, 'out/b.bin'), 'utf8'), 'bytes');
    await assert.rejects(fetchBlob(target, blob.digest, sink(), { title: '../b' }), UnsafePathError);
    await deleteBlob(target, blob.digest);
    await assert.rejects(deleteBlob(target, blob.digest), NotFoundError);
  });

  it('say what a delete takes along beside listed names that are no tags, or gone', async () => {
    putManifest(target, [putLayer(target, 'x')], 'one');
    const { digest } = await target.resolve('one');
    const own = target.tags.bind(target);
    target.tags = async function* () {
      yield* ['-odd', digest, 'gone'];
      yield* own();
    };
    assert.deepEqual((await planDelete(target, 'one')).tags, ['one']);
  });

  it('fetch a blob out of its descriptor, verified, where the source does not have it', async () => {
    const { digest } = putLayer(new MemoryTarget(), 'inline');
    const sink = () => new FolderSink(folder);
    const data = (text: string) => Buffer.from(text).toString('base64');
    await fetchBlob(target, digest, sink(), { title: 'a', data: data('inline') });
    assert.equal(await readFile(path.join(folder, 'a'), 'utf8'), 'inline');
    await assert.rejects(
      fetchBlob(target, digest, sink(), { title: 'b', data: data('a lie') }),
      NotFoundError,
    );
  });

  it('say what a delete takes along, as far as they looked', async () => {
    const root = putManifest(target, [putLayer(target, 'x')], 'one');
    await tag(target, 'one', { tags: ['two', 'three'] });
    putManifest(target, [], 'other');
    const plan = await planDelete(target, 'one');
    assert.deepEqual(plan, {
      descriptor: root,
      tags: ['one', 'three', 'two'],
      sawAllTags: true,
      referrers: [],
      signatureTags: [],
    });
    const seen: number[] = [];
    const short = await planDelete(target, root.digest, {
      maxTags: 2,
      onProgress: ({ doneBytes }) => seen.push(doneBytes),
    });
    assert.deepEqual([short.tags, short.sawAllTags, seen], [['one'], false, [1, 2]]);
  });
});
