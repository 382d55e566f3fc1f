import assert from 'node:assert/strict';
import { RegistryError, SignInRequiredError, NotFoundError } from '../../../../../src/oci/errors';
import { dockerHubWith } from '../../../../../src/targets/registry/providers/dockerHub';
import { providerFor } from '../../../../../src/targets/registry/providers';
import type { RateLimit } from '../../../../../src/transport/rateLimit';
import { Registry } from '../../../../../src/targets/registry/registry';
import { collect, manifestOf } from '../../../../support/artifacts';
import { account, accountCredential } from '../../../../support/recorded/account';
import { json, jsonError, specError, webPage } from '../../../../support/recorded/answers';
import { hubApi, hubRegistry } from '../../../../support/recorded/dockerHub';
import { hostedRegistry } from '../../../../support/recorded/hostedRegistry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../../support/scriptedServer';
import { TestClock } from '../../../../support/testClock';
import { testTransport } from '../../../../support/testTransport';

const manifest = Buffer.from(manifestOf([]).bytes).toString();

describe('Docker Hub', () => {
  let api: ScriptedServer;
  let registry: ScriptedServer;
  afterEach(() => Promise.all([api.stop(), registry.stop()]));

  const start = async (
    apiScript: Script = hubApi,
    registryScript: Script = hubRegistry({ remaining: 5, manifest }),
  ) => {
    api = await startScriptedServer(apiScript);
    registry = await startScriptedServer(registryScript);
    return { host: registry.host, provider: dockerHubWith({ apiHost: api.host }) };
  };

  it('lists the namespaces of the settings without a sign-in, page by page', async () => {
    const hub = hostedRegistry({ ...(await start()), namespaces: ['Grafana'] });
    assert.deepEqual(await collect(hub.repositories()), ['grafana/grafana', 'grafana/loki', 'grafana/mimir']);
    assert.deepEqual(api.lines(), [
      'GET /v2/namespaces/grafana/repositories?page_size=100',
      'GET /v2/namespaces/grafana/repositories?page=2&page_size=100',
    ]);
    assert.equal(registry.seen.length, 0);
  });

  it("lists the user's own namespace first, private repositories too, with a token bought for the sign-in", async () => {
    const options = { ...(await start()), credential: accountCredential, namespaces: ['someone', 'grafana'] };
    const names = await collect(hostedRegistry(options).repositories());
    assert.deepEqual(names.slice(0, 4), [
      'someone/app',
      'someone/tools',
      'someone/secret',
      'grafana/grafana',
    ]);
    assert.equal(api.lines().filter((line) => line === 'POST /v2/auth/token').length, 1);
  });

  it('asks for nothing where nobody is named', async () => {
    assert.deepEqual(await collect(hostedRegistry(await start()).repositories()), []);
    assert.equal(api.seen.length, 0);
  });

  it('says that a refused sign-in is to be renewed, and names a namespace that is not there', async () => {
    const wrong = { kind: 'basic', username: account.username, password: 'wrong' } as const;
    const options = await start();
    await assert.rejects(
      collect(hostedRegistry({ ...options, credential: wrong }).repositories()),
      (error) =>
        error instanceof SignInRequiredError && error.host === registry.host && error.credentialsSent,
    );
    await assert.rejects(
      collect(hostedRegistry({ ...options, namespaces: ['nobody'] }).repositories()),
      (error) => error instanceof NotFoundError && /user "nobody" on/.test(error.message),
    );
  });

  it('keeps the password out of the failure of an API that repeats it', async () => {
    const credential = { kind: 'basic', username: account.username, password: 'canary & "bird"' } as const;
    const options = await start(({ body }) => jsonError(401, { detail: `cannot read ${body.toString()}` }));
    await assert.rejects(collect(hostedRegistry({ ...options, credential }).repositories()), (error) => {
      assert.ok(error instanceof SignInRequiredError);
      assert.match(error.message, /cannot read .*\(secret\)/);
      assert.doesNotMatch(error.message, /canary/);
      return true;
    });
  });

  for (const [title, answer] of [
    ['a web page', webPage],
    ['404 without JSON', { status: 404 }],
    ['405', specError(405, 'UNSUPPORTED', 'no')],
  ] as const) {
    it(`falls back to the catalog where its API answers ${title}`, async () => {
      const options = await start(
        () => answer,
        () => json({ repositories: ['mirror/app'] }),
      );
      const mirror = hostedRegistry({ ...options, namespaces: ['mirror'] });
      assert.deepEqual(await collect(mirror.repositories()), ['mirror/app']);
    });
  }

  it('gives the secret to the API in the documented body alone, and to no host that it leads to', async () => {
    const elsewhere = await startScriptedServer(() => webPage);
    try {
      const options = await start((request) =>
        request.line.startsWith('GET')
          ? { status: 302, headers: { Location: `http://${elsewhere.host}/login` } }
          : hubApi(request),
      );
      const hub = hostedRegistry({ ...options, credential: accountCredential });
      await assert.rejects(collect(hub.repositories()));
      const inApi = api.seen.filter((request) => JSON.stringify(sent(request)).includes(account.password));
      assert.deepEqual(
        inApi.map(({ line }) => line),
        ['POST /v2/auth/token'],
      );
      assert.ok(elsewhere.seen.length > 0);
      for (const { headers } of elsewhere.seen) assert.equal(headers.authorization, undefined);
    } finally {
      await elsewhere.stop();
    }
  });

  it('refuses a next page on another host', async () => {
    const next = 'http://127.0.0.2:9/v2/namespaces/grafana/repositories?page=2';
    const options = await start(() => json({ results: [{ name: 'a' }], next }));
    const hub = hostedRegistry({ ...options, namespaces: ['grafana'] });
    await assert.rejects(collect(hub.repositories()), /leads to http:\/\/127.0.0.2:9/);
  });

  it('reports what is left of the pulls, and says so when nothing is', async () => {
    const options = await start(hubApi, hubRegistry({ remaining: 76, manifest }));
    const seen: [string, RateLimit][] = [];
    const transport = testTransport({ onRateLimit: (host, limit) => seen.push([host, limit]) });
    await new Registry(options.host, transport).repository('library/alpine').readManifest('3');
    assert.deepEqual(seen, [[registry.host, { limit: 100, remaining: 76, windowSeconds: 21_600 }]]);
    await registry.stop();
    registry = await startScriptedServer(hubRegistry({ remaining: 0, manifest }));
    const used = new Registry(registry.host, testTransport({ clock: new TestClock() }));
    await assert.rejects(
      used.repository('library/alpine').readManifest('3'),
      (error) =>
        error instanceof RegistryError && error.status === 429 && /TOOMANYREQUESTS/.test(error.message),
    );
  });

  it('is known by each of its names', async () => {
    await start();
    for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
      assert.equal(providerFor(host).kind, 'dockerHub');
    }
    assert.equal(providerFor('docker.io.example.com').kind, 'generic');
  });
});

function sent({ headers, body }: { headers: object; body: Buffer }): object {
  return { headers, body: body.toString() };
}
