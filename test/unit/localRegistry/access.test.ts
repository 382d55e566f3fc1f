import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import path from 'node:path';
import {
  PortTakenError,
  startLocalRegistry,
  type AnsweredRequest,
} from '../../../src/localRegistry/localRegistry';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../support/embeddedRegistry';
import { ask, errorCode, pushBlob } from './registryClient';

describe('Access to the local registry', () => {
  let registry: EmbeddedRegistry;
  const answered = new EventEmitter<{ [method: string]: [AnsweredRequest] }>();
  const nextReport = async (method: string) => ((await once(answered, method)) as [AnsweredRequest])[0];

  before(async () => {
    const onRequest = (request: AnsweredRequest) => void answered.emit(request.method, request);
    registry = await startEmbeddedRegistry({ onRequest });
  });
  after(() => registry.stop());

  for (const host of ['localhost', 'LOCALHOST:5000', '127.0.0.1:1', '[::1]:5000']) {
    it(`is given under the host name ${host}`, async () => {
      assert.equal((await ask(registry.host, 'GET', '/v2/', { headers: { host } })).status, 200);
    });
  }

  for (const host of ['evil.example', 'evil.example:5000', 'localhost.evil.example', '127.0.0.1.nip.io']) {
    it(`is refused under the host name "${host}"`, async () => {
      const reply = await ask(registry.host, 'GET', '/v2/', { headers: { host } });
      assert.equal(reply.status, 403);
      assert.equal(errorCode(reply), 'DENIED');
    });
  }

  it('is given under the host names that the user allows, in any case, and under no others', async () => {
    const open = await startEmbeddedRegistry({ hostNames: ['Host.docker.internal'] });
    try {
      for (const [host, status] of [
        ['host.docker.internal:5000', 200],
        ['HOST.DOCKER.INTERNAL', 200],
        ['localhost', 200],
        ['other.docker.internal', 403],
        ['host.docker.internal.evil.example', 403],
      ] as const)
        assert.equal((await ask(open.host, 'GET', '/v2/', { headers: { host } })).status, status, host);
      const headers = { host: 'host.docker.internal', origin: 'https://evil.example' };
      assert.equal((await ask(open.host, 'GET', '/v2/', { headers })).status, 403);
    } finally {
      await open.stop();
    }
  });

  it('is refused to web pages', async () => {
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const reply = await ask(registry.host, 'POST', '/v2/x/blobs/uploads/', { headers });
      assert.equal(reply.status, 403, JSON.stringify(headers));
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
    }
    assert.equal((await ask(registry.host, 'OPTIONS', '/v2/')).status, 405);
  });

  for (const name of [
    '..',
    '../up',
    'a/../../up',
    '%2e%2e/up',
    '..%2f..%2fup',
    'a//b',
    '/etc',
    'UPPER',
    'a/.uploads',
    '.uploads',
    'x/blobs',
    'x/index.json/y',
    'oci-layout',
    'aux',
    'x/con.txt',
    'a\\b',
    'a%00b',
    'a'.repeat(256),
  ]) {
    it(`under the repository name ${JSON.stringify(name).slice(0, 30)} is refused`, async () => {
      const reply = await ask(registry.host, 'POST', `/v2/${name}/blobs/uploads/`);
      assert.deepEqual([reply.status, errorCode(reply)], [400, 'NAME_INVALID']);
      assert.deepEqual(await readdir(registry.root), []);
    });
  }

  it('at an unknown path or with an unknown method is answered in the form of the spec', async () => {
    const nowhere = await ask(registry.host, 'GET', '/elsewhere');
    assert.deepEqual([nowhere.status, errorCode(nowhere)], [404, 'UNSUPPORTED']);
    const method = await ask(registry.host, 'POST', '/v2/a/tags/list');
    assert.deepEqual([method.status, method.headers.allow], [405, 'GET, HEAD']);
    const encoding = await ask(registry.host, 'GET', '/v2/%zz/tags/list');
    assert.equal(encoding.status, 400);
  });

  it('is reported, a line a request', async () => {
    const reported = nextReport('GET');
    await ask(registry.host, 'GET', '/v2/absent/tags/list?n=1');
    const { method, url, status, isCut, elapsedMs } = await reported;
    assert.deepEqual(
      { method, url, status, isCut },
      { method: 'GET', url: '/v2/absent/tags/list?n=1', status: 404, isCut: false },
    );
    assert.ok(elapsedMs >= 0);
  });

  it('is reported as cut where the client left before the answer was whole', async () => {
    const content = Buffer.alloc(32 * 1024 * 1024, 'x');
    const digest = await pushBlob(registry.host, 'demo/app', content);
    const reported = nextReport('GET');
    const [hostname, port] = registry.host.split(':');
    const sent = request({ hostname, port, path: `/v2/demo/app/blobs/${digest}` }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response, 'data');
    response.destroy();
    const { status, isCut } = await reported;
    assert.deepEqual({ status, isCut }, { status: 200, isCut: true });
  });

  it('is reported as cut, without a status, where the client left before any answer', async () => {
    const begun = await ask(registry.host, 'POST', '/v2/demo/app/blobs/uploads/');
    const reported = nextReport('PATCH');
    const [hostname, port] = registry.host.split(':');
    const headers = { 'content-length': '100', expect: '100-continue' };
    const sent = request({ hostname, port, method: 'PATCH', path: begun.headers.location, headers });
    sent.on('error', () => undefined).flushHeaders();
    await once(sent, 'continue');
    sent.write('part');
    sent.destroy();
    const { status, isCut } = await reported;
    assert.deepEqual({ status, isCut }, { status: undefined, isCut: true });
  });
});

describe('The port of the local registry', () => {
  it('is the next free one, or none when exactly this one was wanted', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const registry = await startEmbeddedRegistry({ port });
    try {
      assert.ok(Number(registry.host.split(':')[1]) > port);
      const exact = startLocalRegistry({ root: path.join(registry.root, 'x'), port, exactPort: true });
      await assert.rejects(exact, PortTakenError);
    } finally {
      await registry.stop();
      blocker.close();
    }
  });
});
