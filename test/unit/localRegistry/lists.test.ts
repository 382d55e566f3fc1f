import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../support/embeddedRegistry';
import { ask, errorCode, pushBlob, type Reply } from './registryClient';

const index = JSON.stringify({ schemaVersion: 2, manifests: [] });

describe('Lists of the local registry', () => {
  let registry: EmbeddedRegistry;
  const get = (path: string): Promise<Reply> => ask(registry.host, 'GET', path);
  const json = async (path: string): Promise<unknown> => JSON.parse((await get(path)).body.toString());
  const put = (repository: string, tag: string) =>
    ask(registry.host, 'PUT', `/v2/${repository}/manifests/${tag}`, {
      headers: { 'content-type': mediaTypes.ociIndex },
      body: index,
    });
  const walk = async (path: string, key: 'tags' | 'repositories'): Promise<string[][]> => {
    const reply = await get(path);
    const page = (JSON.parse(reply.body.toString()) as Record<typeof key, string[]>)[key];
    const next = /^<([^>]+)>; rel="next"$/.exec(String(reply.headers.link ?? ''))?.[1];
    return next === undefined ? [page] : [page, ...(await walk(next, key))];
  };

  before(async () => {
    registry = await startEmbeddedRegistry();
    for (const tag of ['v2', 'v10', 'latest', 'A', '_x']) await put('demo/app', tag);
    for (const name of ['demo', 'demo-b', 'demo/app/part', 'demo.c', 'z/y/x']) await put(name, 'v1');
  });
  after(() => registry.stop());

  it('give tags in the order of their bytes', async () => {
    const tags = ['A', '_x', 'latest', 'v10', 'v2'];
    assert.deepEqual(await json('/v2/demo/app/tags/list'), { name: 'demo/app', tags });
  });

  it('give tags page by page, each with a link to the next', async () => {
    const pages = await walk('/v2/demo/app/tags/list?n=2', 'tags');
    assert.deepEqual(pages, [['A', '_x'], ['latest', 'v10'], ['v2']]);
  });

  it('begin behind a name, present or not', async () => {
    assert.deepEqual(await walk('/v2/demo/app/tags/list?last=latest', 'tags'), [['v10', 'v2']]);
    assert.deepEqual(await walk('/v2/demo/app/tags/list?last=m', 'tags'), [['v10', 'v2']]);
    assert.deepEqual(await walk('/v2/demo/app/tags/list?last=z&n=1', 'tags'), [[]]);
  });

  it('are empty for n=0, without a link', async () => {
    assert.deepEqual(await walk('/v2/demo/app/tags/list?n=0', 'tags'), [[]]);
    assert.deepEqual(await walk('/v2/_catalog?n=0', 'repositories'), [[]]);
  });

  it('refuse a page size that is no number', async () => {
    for (const n of ['-1', 'x', '1.5']) assert.equal((await get(`/v2/_catalog?n=${n}`)).status, 400);
  });

  it('give repositories in the order of their bytes, nested ones too', async () => {
    const all = ['demo', 'demo-b', 'demo.c', 'demo/app', 'demo/app/part', 'z/y/x'];
    assert.deepEqual(await walk('/v2/_catalog', 'repositories'), [all]);
    assert.deepEqual((await walk('/v2/_catalog?n=1', 'repositories')).flat(), all);
    for (const last of [...all, 'demo/a', 'demo/zzz', 'demo-', 'y']) {
      const rest = all.filter((name) => name > last);
      assert.deepEqual((await walk(`/v2/_catalog?n=4&last=${last}`, 'repositories')).flat(), rest, last);
    }
  });

  it('leave out repositories without a manifest and folders that are none', async () => {
    await pushBlob(registry.host, 'only/blobs-here', 'blob');
    await mkdir(path.join(registry.root, 'Just A Folder/oci'), { recursive: true });
    await writeFile(path.join(registry.root, 'a-file'), '');
    assert.equal((await walk('/v2/_catalog', 'repositories')).flat().length, 6);
    assert.deepEqual(await json('/v2/only/blobs-here/tags/list'), { name: 'only/blobs-here', tags: [] });
  });

  it('say that there is no such repository', async () => {
    const reply = await get('/v2/absent/tags/list');
    assert.deepEqual([reply.status, errorCode(reply)], [404, 'NAME_UNKNOWN']);
  });
});
