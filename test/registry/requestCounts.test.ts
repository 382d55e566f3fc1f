import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { copy } from '../../src/operations/copy';
import { push, type PushOptions } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { testTransport } from '../support/testTransport';

type Running = Awaited<ReturnType<typeof startEmbeddedRegistry>>;

describe('The number of requests', function () {
  this.timeout(30_000);
  let registry: Running;
  let other: Running;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'oci-counts-'));
    for (const name of ['a', 'b']) await writeFile(path.join(folder, name), name);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    registry = await startEmbeddedRegistry();
    other = await startEmbeddedRegistry();
  });
  afterEach(async () => {
    await registry.stop();
    await other.stop();
  });

  const client = (host: string, name = 'team/app') => {
    const transport = testTransport();
    const lines = () => transport.log.map(({ method, url }) => `${method} ${kindOf(url)}`.trim()).sort();
    return { target: new Registry(host, transport).repository(name), lines };
  };
  const pushed = async (options: Partial<PushOptions> = {}) => {
    const { target, lines } = client(registry.host);
    const files = ['a', 'b'].map((title) => ({ path: path.join(folder, title), title }));
    const created = '2020-01-01T00:00:00Z';
    const result = await push(new LocalFiles(), target, { files, tags: ['v1'], created, ...options });
    return { ...result, lines: lines() };
  };
  const copied = async (host: string, name?: string) => {
    const { target, lines } = client(host, name);
    const result = await copy(client(registry.host).target, target, 'v1', { tags: ['v1'] });
    return { ...result, lines: lines() };
  };
  const each = (count: number, ...lines: readonly string[]) =>
    Array.from({ length: count }, () => lines).flat();
  const sent = each(3, 'GET blob', 'POST', 'PUT upload');
  const stored = ['GET manifest', 'PUT manifest'];

  it('of a push is as small as before contents were shown to be readable', async () => {
    const { lines } = await pushed();
    assert.deepEqual(lines, [...sent, ...stored].sort());
    assert.equal(lines.length, 11);
  });

  it('of a push that skips all is one for each content, and one for the tag', async () => {
    await pushed();
    const { lines, pushedBytes } = await pushed();
    assert.deepEqual(lines, [...each(3, 'GET blob'), ...stored].sort());
    assert.equal(pushedBytes, 0);
    assert.deepEqual((await pushed({ force: true })).lines, lines);
    assert.deepEqual((await pushed({ tags: [] })).lines, [...each(3, 'GET blob'), 'GET manifest'].sort());
    assert.equal((await pushed({ tags: ['a', 'b'] })).lines.length, 6);
  });

  it('of a copy is as small as before, and one for each content that is skipped', async () => {
    await pushed();
    const first = await copied(other.host);
    assert.deepEqual(first.lines, [...sent, ...stored].sort());
    const again = await copied(other.host);
    assert.deepEqual(again.lines, [...each(3, 'GET blob'), ...stored].sort());
    assert.deepEqual([again.pushedBytes, again.manifests], [0, 0]);
  });

  it('of a mount is one more, by which it is shown', async () => {
    await pushed();
    const { lines, mountedBytes } = await copied(registry.host, 'team/other');
    assert.deepEqual(lines, [...each(3, 'GET blob', 'POST', 'GET blob'), ...stored].sort());
    assert.equal(mountedBytes, 4);
  });
});

function kindOf(url: string): string {
  if (url.includes('/manifests/')) return 'manifest';
  if (!url.includes('/uploads/')) return 'blob';
  return /uploads\/(?:$|\?)/.test(url) ? '' : 'upload';
}
