import assert from 'node:assert/strict';
import { CredentialStoreError, SignInRequiredError } from '../../../src/oci/errors';
import { Registry } from '../../../src/targets/registry/registry';
import { collect } from '../../support/artifacts';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../../support/scriptedServer';
import { testCredential, testTransport, type TestTransportOptions } from '../../support/testTransport';

const signedInAs = `Basic ${Buffer.from('tester:s3cret:battery').toString('base64')}`;
const challenge = { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };

describe('A partly open registry', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const start = async (script: Script) => {
    const server = await startScriptedServer(script);
    servers.push(server);
    return server;
  };

  /** Shows strangers `hidden` for all but `/v2/`, which asks who is there. */
  const startHiding = (hidden: ScriptedAnswer, root: ScriptedAnswer = challenge) =>
    start(({ line, headers }) => {
      if (headers.authorization === signedInAs) return { body: listOf('open', 'hidden') };
      return line === 'GET /v2/' ? root : hidden;
    });
  const listOf = (...names: string[]) => JSON.stringify({ repositories: names, tags: names, manifests: [] });

  const clientOf = (
    { host }: ScriptedServer,
    options: TestTransportOptions = { credential: testCredential },
  ) => {
    const transport = testTransport(options);
    const get = async (request: { path?: string; once?: true } = {}) => {
      const response = await transport.send({ method: 'GET', host, path: '/v2/a/manifests/v1', ...request });
      response.body.resume();
      return response;
    };
    return { get, registry: new Registry(host, transport) };
  };

  it('lists what a stored sign-in sees, repositories and tags', async () => {
    const server = await startHiding({ body: listOf('open') });
    assert.deepEqual(await collect(clientOf(server).registry.repositories()), ['open', 'hidden']);
    assert.deepEqual(await collect(clientOf(server).registry.repository('a').tags()), ['open', 'hidden']);
    assert.deepEqual(server.lines().slice(0, 2), ['GET /v2/', 'GET /v2/_catalog?n=1000']);
  });

  it('lists what strangers see where no sign-in is stored, without a request more', async () => {
    const server = await startHiding({ body: listOf('open') });
    assert.deepEqual(await collect(clientOf(server, {}).registry.repositories()), ['open']);
    assert.deepEqual(server.lines(), ['GET /v2/_catalog?n=1000']);
  });

  for (const status of [401, 403, 404]) {
    it(`is asked with a stored sign-in before a bare ${status} counts`, async () => {
      const server = await startHiding({ status });
      const response = await clientOf(server).get();
      assert.equal(response.access, 'credentials');
      assert.deepEqual(server.lines(), ['GET /v2/a/manifests/v1', 'GET /v2/', 'GET /v2/a/manifests/v1']);
    });

    it(`keeps its bare ${status} where no sign-in is stored, without a request more`, async () => {
      const server = await startHiding({ status });
      const answer = clientOf(server, {}).get();
      if (status === 404) assert.equal((await answer).status, 404);
      else await assert.rejects(answer, SignInRequiredError);
      assert.equal(server.seen.length, 1);
    });
  }

  it('is asked for its challenge once, by requests that start together too', async () => {
    const server = await startHiding({ status: 404 });
    const { get } = clientOf(server);
    await Promise.all([get(), get(), get()]);
    await get();
    assert.equal(server.lines().filter((line) => line === 'GET /v2/').length, 1);
    assert.equal(server.seen.at(-1)?.headers.authorization, signedInAs);
  });

  it('is not asked again where it is open to all', async () => {
    const server = await startHiding({ status: 404 }, { body: '{}' });
    const { get } = clientOf(server);
    assert.equal((await get()).status, 404);
    assert.equal((await get()).status, 404);
    assert.deepEqual(server.lines(), ['GET /v2/a/manifests/v1', 'GET /v2/', 'GET /v2/a/manifests/v1']);
  });

  it('keeps its answer where it fails to say who is asked for, and is asked again later', async () => {
    const server = await startHiding({ status: 404 }, { status: 500 });
    const { get } = clientOf(server);
    assert.equal((await get()).status, 404);
    assert.equal((await get()).status, 404);
    assert.equal(server.lines().filter((line) => line === 'GET /v2/').length, 2);
  });

  it('says that a sign-in is refused, and not that there is nothing', async () => {
    const server = await start(({ line, headers }) =>
      line === 'GET /v2/' || headers.authorization ? challenge : { status: 404 },
    );
    await assert.rejects(
      clientOf(server).get(),
      (error) => error instanceof SignInRequiredError && error.credentialsSent,
    );
  });

  it('names the store that failed where it denies', async () => {
    const server = await startHiding({ status: 403 });
    const broken = new CredentialStoreError('docker-credential-gone', 'it is not installed');
    const { get } = clientOf(server, { credentials: { credentialFor: () => Promise.reject(broken) } });
    await assert.rejects(get(), broken);
  });

  it('gives a token of its token server for what it hides', async () => {
    const issuer = await start(() => ({ body: '{"token":"abc"}' }));
    const root = {
      status: 401,
      headers: { 'WWW-Authenticate': `Bearer realm="http://${issuer.host}/token"` },
    };
    const server = await start(({ line, headers }) => {
      if (line === 'GET /v2/') return root;
      return headers.authorization === 'Bearer abc' ? {} : { status: 404 };
    });
    assert.equal((await clientOf(server).get()).access, 'credentials');
    assert.equal(issuer.seen[0]?.headers.authorization, signedInAs);
  });

  it('is not asked again for a body that is sent once', async () => {
    const server = await startHiding({ status: 404 });
    assert.equal((await clientOf(server).get({ once: true })).status, 404);
    assert.equal(server.seen.length, 1);
  });

  it('has no say where it leads on to another host', async () => {
    const store = await start(() => ({ status: 404 }));
    const server = await startHiding({ status: 307, headers: { Location: `http://${store.host}/x` } });
    assert.equal((await clientOf(server).get()).status, 404);
    assert.equal(server.seen.length, 1);
  });
});
