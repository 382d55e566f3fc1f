import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { InvalidContentError, RegistryError, SignInRequiredError } from '../../../src/oci/errors';
import { withRedirects } from '../../../src/transport/redirect';
import type { Outgoing } from '../../../src/transport/outgoing';
import type { TransferOptions } from '../../../src/oci/target';
import type { TransportRequest } from '../../../src/transport/transport';
import { sourceOf } from '../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../support/scriptedServer';
import { testCredential, testTransport } from '../../support/testTransport';
import { Readable } from 'node:stream';

describe('Redirects', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  const start = async (script: Script, address?: string) => {
    const server = await startScriptedServer(script, address);
    servers.push(server);
    return server;
  };
  const get = (host: string) =>
    testTransport({ credential: testCredential }).send({ method: 'GET', host, path: '/v2/a/blobs/x' });
  const needsBasic = (answer: Script & readonly unknown[]) => [
    { status: 401, headers: { 'WWW-Authenticate': 'Basic realm=x' } },
    ...(answer as readonly object[]),
  ];

  it('leaves Authorization behind on another port', async () => {
    const storage = await start([{ body: 'blob' }]);
    const location = `http://${storage.host}/bucket?X-Amz-Signature=secret`;
    const registry = await start(needsBasic([{ status: 307, headers: { Location: location } }]));
    const response = await get(registry.host);
    assert.equal(await text(response.body), 'blob');
    assert.equal(response.url.host, storage.host);
    assert.match(registry.seen[1]?.headers.authorization ?? '', /^Basic /);
    assert.equal(storage.seen[0]?.headers.authorization, undefined);
  });

  it('leaves Authorization behind on another host, for good', async () => {
    const registry = await start((request) =>
      request.line.endsWith('/back')
        ? { body: request.headers.authorization ?? 'none' }
        : request.headers.authorization
          ? { status: 302, headers: { Location: `http://${storage.host}/away` } }
          : { status: 401, headers: { 'WWW-Authenticate': 'Basic realm=x' } },
    );
    const storage = await start(
      () => ({ status: 302, headers: { Location: `http://${registry.host}/back` } }),
      '127.0.0.2',
    );
    assert.equal(await text((await get(registry.host)).body), 'none');
  });

  it('keeps Authorization within the registry', async () => {
    const registry = await start(
      needsBasic([{ status: 301, headers: { Location: '/v2/b' } }, { body: 'blob' }]),
    );
    assert.equal(await text((await get(registry.host)).body), 'blob');
    assert.deepEqual(registry.lines().slice(1), ['GET /v2/a/blobs/x', 'GET /v2/b']);
    assert.match(registry.seen[2]?.headers.authorization ?? '', /^Basic /);
  });

  it('does not answer the challenge of another host', async () => {
    const storage = await start(() => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm=x' } }));
    const registry = await start(() => ({ status: 307, headers: { Location: `http://${storage.host}/` } }));
    const response = await get(registry.host);
    assert.equal(response.status, 401);
    assert.equal(storage.seen.length, 1);
    response.body.resume();
  });

  it('gives up on a circle', async () => {
    const registry = await start(() => ({ status: 302, headers: { Location: '/v2/again' } }));
    await assert.rejects(get(registry.host), /more than 10 redirects/);
    assert.equal(registry.seen.length, 11);
  });

  describe('of a write', () => {
    const write = (host: string, request: Partial<TransportRequest> = {}, options: TransferOptions = {}) =>
      testTransport({ credential: testCredential }).send(
        { method: 'PUT', host, path: '/v2/x', body: Buffer.from('content'), ...request },
        options,
      );
    const leadingTo = (location: string, status = 307) =>
      needsBasic([{ status, headers: { Location: location } }]);

    for (const status of [307, 308])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const)
        it(`${method} follows ${status} within its origin, with method, body and Authorization`, async () => {
          const registry = await start([...leadingTo('/moved?a=b', status), { status: 201 }]);
          assert.equal((await write(registry.host, { method })).status, 201);
          assert.deepEqual(registry.lines().slice(1), [`${method} /v2/x`, `${method} /moved?a=b`]);
          assert.equal(String(registry.seen[2]?.body), 'content');
          assert.match(registry.seen[2]?.headers.authorization ?? '', /^Basic /);
        });

    it('opens a stream again, also one that is sent once, and counts its bytes once', async () => {
      const redirect = { status: 307, headers: { Location: '/moved' } };
      const registry = await start([redirect, { status: 201 }, redirect, { status: 201 }]);
      for (const once of [{}, { once: true }] as const) {
        let sentBytes = 0;
        const body = { sizeBytes: 7, content: sourceOf(Buffer.from('content')) };
        await write(registry.host, { body, ...once }, { onBytes: (delta) => (sentBytes += delta) });
        assert.equal(sentBytes, 7);
      }
      assert.deepEqual(
        [...registry.seen].map(({ body }) => String(body)),
        Array(4).fill('content'),
      );
    });

    for (const status of [300, 301, 302, 303, 304])
      it(`takes ${status} for its answer: it never becomes a GET`, async () => {
        const registry = await start([{ status, headers: { Location: '/moved' } }]);
        assert.equal((await write(registry.host)).status, status);
        assert.equal(registry.seen.length, 1);
      });

    it('gives up after a few', async () => {
      const registry = await start(() => ({ status: 307, headers: { Location: '/again' } }));
      await assert.rejects(write(registry.host), /more than 3 redirects/);
      assert.equal(registry.seen.length, 4);
    });

    it('goes to no other scheme, host or port, and both are named', async () => {
      const other = await start(() => ({ status: 201 }), '127.0.0.2');
      const near = await start(() => ({ status: 201 }));
      for (const { host } of [other, near])
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
          const registry = await start([
            { status: 308, headers: { Location: `http://${host}/v2/x?token=secret` } },
          ]);
          await assert.rejects(write(registry.host, { method }), (error) => {
            assert.ok(error instanceof InvalidContentError);
            assert.doesNotMatch(error.message, /secret/);
            return (
              error.message.includes(`http://${registry.host}`) && error.message.includes(`http://${host}`)
            );
          });
        }
      assert.deepEqual([other.seen.length, near.seen.length], [0, 0]);
    });
  });

  const REFUSED: readonly [from: string, location: string, reason: RegExp][] = [
    ['https://registry.example/v2/', 'http://registry.example/v2/', /https to http/],
    ['https://registry.example/v2/', 'ftp://registry.example/', /redirects to ftp:/],
    ['https://registry.example/v2/', 'https://user:pass@registry.example/', /user name/],
    ['https://registry.example/v2/', 'https://', /not a URL/],
  ];
  for (const [from, location, reason] of REFUSED) {
    it(`refuses one from ${from} to ${location}`, async () => {
      const send = withRedirects(async ({ url }) => ({
        status: 302,
        url,
        headers: new Headers({ location }),
        body: Readable.from([]),
        access: 'open',
      }));
      await assert.rejects(send(outgoingTo(from), {}), (error) => {
        assert.ok(error instanceof InvalidContentError && !(error instanceof RegistryError));
        assert.ok(!(error instanceof SignInRequiredError));
        assert.doesNotMatch(error.message, /pass/);
        return reason.test(error.message);
      });
    });
  }

  const HOPS: readonly [from: string, locations: readonly string[], kept: readonly boolean[]][] = [
    [
      'https://a.example/v2/',
      ['/v2/b', 'https://a.example:443/c', '//a.example/d'],
      [true, true, true, true],
    ],
    ['https://a.example/v2/', ['https://a.example:8443/', 'https://a.example/v2/'], [true, false, false]],
    ['https://a.example/v2/', ['https://b.a.example/', 'https://a.example/v2/'], [true, false, false]],
    ['https://a.example/v2/', ['https://a.example./', 'https://a.example/v2/'], [true, false, false]],
    ['https://a.example/v2/', ['https://A.EXAMPLE/v2/x'], [true, true]],
    ['http://a.example/v2/', ['https://a.example/v2/', 'https://a.example/v2/x'], [true, true, true]],
    ['http://a.example:80/v2/', ['https://a.example:8443/v2/', 'https://a.example/v2/'], [true, true, false]],
    ['http://a.example/v2/', ['https://b.example/v2/', 'https://a.example/v2/'], [true, false, false]],
    ['http://127.0.0.1:5000/v2/', ['http://localhost:5000/v2/'], [true, false]],
  ];
  for (const [from, locations, kept] of HOPS) {
    it(`has Authorization where the origin stays: ${[from, ...locations].join(' → ')}`, async () => {
      const left = [...locations];
      const seen: boolean[] = [];
      const send = withRedirects(async ({ url, headers }) => {
        seen.push('Authorization' in headers);
        const location = left.shift();
        return {
          status: location === undefined ? 200 : 307,
          url,
          headers: new Headers(location === undefined ? {} : { location }),
          body: Readable.from([]),
          access: 'open',
        };
      });
      await send({ ...outgoingTo(from), headers: { Authorization: 'Basic eDp5' } }, {});
      assert.deepEqual(seen, kept);
    });
  }
});

function outgoingTo(url: string): Outgoing {
  return {
    method: 'GET',
    url: new URL(url),
    origin: new URL(url),
    endpoint: { host: new URL(url).host, plainHttp: false, insecure: false },
    headers: {},
    scopes: [],
  };
}
