import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:net';
import { once } from 'node:events';
import { startLocalRegistry } from '../../../src/localRegistry/localRegistry';
import { digestOf } from '../../../src/oci/digest';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../support/embeddedRegistry';
import { ask, errorCode, pushBlob, type Reply, type RequestOptions } from './registryClient';

const content = '0123456789';
const digest = digestOf(content);

describe('Blobs in the local registry', () => {
  let registry: EmbeddedRegistry;
  const send = (method: string, path: string, options?: RequestOptions): Promise<Reply> =>
    ask(registry.host, method, path, options);
  const begin = async (query = '') =>
    (await send('POST', `/v2/demo/app/blobs/uploads/${query}`)).headers.location ?? '';
  const chunk = (location: string, range: string, body: string) =>
    send('PATCH', location, { headers: { 'content-range': range }, body });
  const uploads = () => readdir(path.join(registry.root, '.uploads')).catch(() => []);

  beforeEach(async () => {
    registry = await startEmbeddedRegistry();
  });
  afterEach(() => registry.stop());

  it('are pushed in one request, and read whole', async () => {
    await pushBlob(registry.host, 'demo/app', content);
    const got = await send('GET', `/v2/demo/app/blobs/${digest}`);
    assert.equal(got.status, 200);
    assert.equal(got.body.toString(), content);
    assert.equal(got.headers['docker-content-digest'], digest);
    assert.equal(got.headers['docker-distribution-api-version'], 'registry/2.0');
    const head = await send('HEAD', `/v2/demo/app/blobs/${digest}`);
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '10', 0]);
    assert.deepEqual(await uploads(), []);
  });

  it('lie in an OCI layout at the path of the repository', async () => {
    await pushBlob(registry.host, 'demo/app', content);
    const file = path.join(registry.root, 'demo/app/blobs', ...digest.split(':'));
    assert.equal(await readFile(file, 'utf8'), content);
  });

  for (const [range, status, expected] of [
    ['bytes=2-4', 206, '234'],
    ['bytes=7-', 206, '789'],
    ['bytes=-2', 206, '89'],
    ['bytes=-20', 206, content],
    ['bytes=8-99', 206, '89'],
    ['bytes=0-1,4-5', 200, content],
    ['lines=1-2', 200, content],
  ] as const) {
    it(`answer the range ${range} with ${status}`, async () => {
      await pushBlob(registry.host, 'demo/app', content);
      const reply = await send('GET', `/v2/demo/app/blobs/${digest}`, { headers: { range } });
      assert.deepEqual([reply.status, reply.body.toString()], [status, expected]);
      if (status === 206) assert.match(reply.headers['content-range'] ?? '', /^bytes \d+-\d+\/10$/);
    });
  }

  for (const range of ['bytes=10-', 'bytes=5-0', 'bytes=-0']) {
    it(`refuse the range ${range}`, async () => {
      await pushBlob(registry.host, 'demo/app', content);
      const reply = await send('GET', `/v2/demo/app/blobs/${digest}`, { headers: { range } });
      assert.deepEqual([reply.status, reply.headers['content-range']], [416, 'bytes */10']);
    });
  }

  it('are pushed in chunks, in order only', async () => {
    const location = await begin();
    const first = await chunk(location, '0-3', '0123');
    assert.deepEqual([first.status, first.headers.range], [202, '0-3']);
    for (const wrong of ['0-3', '5-8']) {
      const refused = await chunk(location, wrong, '4567');
      assert.deepEqual([refused.status, refused.headers.range], [416, '0-3']);
      assert.equal(refused.headers.location, location);
    }
    const state = await send('GET', location);
    assert.deepEqual([state.status, state.headers.range, state.headers.location], [204, '0-3', location]);
    const done = await send('PUT', `${location}?digest=${digest}`, {
      headers: { 'content-range': '4-9' },
      body: '456789',
    });
    assert.deepEqual([done.status, done.headers.location], [201, `/v2/demo/app/blobs/${digest}`]);
    assert.equal((await send('GET', `/v2/demo/app/blobs/${digest}`)).body.toString(), content);
    assert.equal((await send('GET', location)).status, 404);
  });

  it('with a sha512 digest are hashed while they arrive', async () => {
    const longer = digestOf(content, 'sha512');
    const location = await begin('?digest-algorithm=sha512');
    await send('PATCH', location, { body: content });
    assert.equal((await send('PUT', `${location}?digest=${longer}`)).status, 201);
    assert.equal((await send('GET', `/v2/demo/app/blobs/${longer}`)).body.toString(), content);
    const refused = await send('POST', '/v2/demo/app/blobs/uploads/?digest-algorithm=md5');
    assert.deepEqual([refused.status, errorCode(refused)], [400, 'DIGEST_INVALID']);
  });

  it('of another digest than announced are refused, and nothing is kept', async () => {
    const location = await begin();
    const refused = await send('PUT', `${location}?digest=${digest}`, { body: 'other' });
    assert.deepEqual([refused.status, errorCode(refused)], [400, 'DIGEST_INVALID']);
    const whole = await send('POST', `/v2/demo/app/blobs/uploads/?digest=${digest}`, { body: 'x' });
    assert.deepEqual([whole.status, errorCode(whole)], [400, 'DIGEST_INVALID']);
    assert.equal((await send('GET', `/v2/demo/app/blobs/${digest}`)).status, 404);
    assert.deepEqual(await uploads(), []);
  });

  it('are forgotten when the upload is cancelled', async () => {
    const location = await begin();
    await send('PATCH', location, { body: content });
    assert.equal((await send('DELETE', location)).status, 204);
    assert.deepEqual(await uploads(), []);
    assert.equal(errorCode(await send('PATCH', location, { body: content })), 'BLOB_UPLOAD_UNKNOWN');
  });

  it('cannot be finished through another repository', async () => {
    const location = (await begin()).replace('demo/app', 'demo/other');
    assert.equal((await send('PUT', `${location}?digest=${digest}`, { body: content })).status, 404);
  });

  it('go on from where they were after a restart', async () => {
    const location = await begin();
    await chunk(location, '0-3', '0123');
    const again = await startLocalRegistry({ root: registry.root, port: 0 });
    try {
      const done = await ask(`${again.host}:${again.port}`, 'PUT', `${location}?digest=${digest}`, {
        headers: { 'content-range': '4-9' },
        body: '456789',
      });
      assert.equal(done.status, 201);
    } finally {
      await again.stop();
    }
  });

  it('can be sent again on the same session when the connection broke', async () => {
    // More than the system's buffers hold, so that the registry has written some of it when the rest is cut off.
    const large = Buffer.alloc(24 * 1024 * 1024, content);
    const target = `${await begin()}?digest=${digestOf(large)}`;
    const [hostname, port] = registry.host.split(':');
    const socket = connect(Number(port), hostname);
    socket.write(`PUT ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${large.length}\r\n\r\n`);
    await new Promise((resolve) => socket.write(large.subarray(1), resolve));
    const closed = once(socket.resume(), 'close');
    socket.end();
    await closed;
    assert.equal((await send('PUT', target, { body: large })).status, 201);
  });

  it('abandoned for a day are removed at the next start', async () => {
    const at = (name: string) => path.join(registry.root, '.uploads', name);
    for (const name of ['old', 'fresh', 'continued']) await mkdir(at(name), { recursive: true });
    for (const name of ['old', 'continued']) await writeFile(at(`${name}/data`), 'partial');
    // What is appended to its file leaves a folder as old as it is.
    for (const name of ['old/data', 'old', 'continued']) await utimes(at(name), 0, 0);
    await (await startLocalRegistry({ root: registry.root, port: 0 })).stop();
    assert.deepEqual((await uploads()).sort(), ['continued', 'fresh']);
  });

  it('are mounted as a hard link, with the source named or not', async () => {
    await pushBlob(registry.host, 'demo/app', content);
    for (const [repository, from] of [
      ['named', '&from=demo%2Fapp'],
      ['anonymous', ''],
    ] as const) {
      const mounted = await send('POST', `/v2/${repository}/blobs/uploads/?mount=${digest}${from}`);
      assert.deepEqual(
        [mounted.status, mounted.headers.location],
        [201, `/v2/${repository}/blobs/${digest}`],
      );
      const inode = async (name: string) =>
        (await stat(path.join(registry.root, name, 'blobs', ...digest.split(':')))).ino;
      assert.equal(await inode(repository), await inode('demo/app'));
    }
  });

  for (const from of ['&from=absent', '&from=..%2F..%2Fetc', '']) {
    it(`that cannot be mounted (${from}) begin an upload`, async () => {
      const reply = await send('POST', `/v2/demo/app/blobs/uploads/?mount=${digest}${from}`);
      assert.equal(reply.status, 202);
      assert.match(reply.headers.location ?? '', /^\/v2\/demo\/app\/blobs\/uploads\/[0-9a-f-]{36}$/);
    });
  }

  it('are deleted, but not while they are a manifest', async () => {
    await pushBlob(registry.host, 'demo/app', content);
    assert.equal((await send('DELETE', `/v2/demo/app/blobs/${digest}`)).status, 202);
    const again = await send('DELETE', `/v2/demo/app/blobs/${digest}`);
    assert.deepEqual([again.status, errorCode(again)], [404, 'BLOB_UNKNOWN']);
    const index = JSON.stringify({ schemaVersion: 2, manifests: [] });
    const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
    await send('PUT', '/v2/demo/app/manifests/v1', { headers, body: index });
    const refused = await send('DELETE', `/v2/demo/app/blobs/${digestOf(index)}`);
    assert.deepEqual([refused.status, errorCode(refused)], [405, 'UNSUPPORTED']);
  });

  it('without a usable digest are refused', async () => {
    for (const bad of ['sha256:short', 'md5:00', 'nothing']) {
      const reply = await send('GET', `/v2/demo/app/blobs/${bad}`);
      assert.deepEqual([reply.status, errorCode(reply)], [400, 'DIGEST_INVALID']);
    }
  });
});
