import assert from 'node:assert/strict';
import type { Credential } from '../../../src/oci/credential';
import { isAbort, NetworkError, OciError } from '../../../src/oci/errors';
import { Registry } from '../../../src/targets/registry/registry';
import { startScriptedServer, type Script, type ScriptedServer } from '../../support/scriptedServer';
import { TestClock } from '../../support/testClock';
import { testTransport } from '../../support/testTransport';

const basic: Credential = { kind: 'basic', username: 'tester', password: 'canary & "bird"' };
const identity: Credential = { kind: 'identityToken', token: 'canary-refresh-token' };
const LEAK = /canary|Y2FuYXJ5/;

describe('A server that repeats secrets', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const start = async (script: Script) => {
    const server = await startScriptedServer(script);
    servers.push(server);
    return server;
  };
  const failureOf = async (host: string, credential: Credential): Promise<Error> => {
    const transport = testTransport({ credential, clock: new TestClock() });
    const error = await new Registry(host, transport).ping().catch((caught: unknown) => caught);
    assert.ok(error instanceof Error && !isAbort(error));
    assert.doesNotMatch(JSON.stringify(transport.log), LEAK);
    return error;
  };
  const assertClean = (error: unknown): void => {
    assert.ok(error instanceof Error);
    assert.doesNotMatch(error.message, LEAK);
    assert.doesNotMatch(JSON.stringify(error), LEAK);
    if (error.cause !== undefined) assertClean(error.cause);
  };

  for (const [form, body] of [
    [
      'in its error list',
      (text: string) => JSON.stringify({ errors: [{ code: text, message: `no: ${text}` }] }),
    ],
    ['in an error text', (text: string) => `refused ${text}`],
  ] as const) {
    for (const status of [400, 401, 403, 500]) {
      it(`has them taken out ${form} of ${status}`, async () => {
        const { host } = await start(({ headers: { authorization = '' } }) => ({
          status: authorization === '' ? 401 : status,
          headers: { 'WWW-Authenticate': 'Basic realm="x"' },
          body: body(`${authorization} ${Buffer.from(authorization.slice(6), 'base64').toString()}`),
        }));
        const error = await failureOf(host, basic);
        assertClean(error);
        assert.match(error.message, /\(secret\)/);
      });
    }
  }

  for (const credential of [basic, identity]) {
    it(`has them taken out of the failure of its token server, with ${credential.kind}`, async () => {
      const issuer = await start(({ headers, body, line }) => ({
        status: 400,
        body: JSON.stringify({
          error: 'invalid_grant',
          said: [line, headers.authorization, body.toString()],
        }),
      }));
      const challenge = `Bearer realm="http://${issuer.host}/token",service="s"`;
      const { host } = await start(() => ({ status: 401, headers: { 'WWW-Authenticate': challenge } }));
      const error = await failureOf(host, credential);
      assertClean(error);
      assert.match(error.message, /invalid_grant.*\(secret\)/);
    });
  }

  it('has them taken out of its warnings', async () => {
    const warnings: string[] = [];
    const { host } = await start(({ headers: { authorization } }) =>
      authorization === undefined
        ? { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } }
        : { headers: { Warning: `299 - "${authorization} is old"` } },
    );
    const onWarning = (_host: string, text: string) => warnings.push(text);
    const transport = testTransport({ credential: basic, onWarning });
    await new Registry(host, transport).ping();
    assert.deepEqual(warnings, ['Basic (secret) is old']);
  });

  it('has them taken out of its warnings where they are UTF-8', async () => {
    const warnings: string[] = [];
    const { host } = await start(({ headers: { authorization = '' } }) => {
      if (authorization === '') return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
      const pair = Buffer.from(authorization.slice(6), 'base64').toString('latin1');
      return { headers: { Warning: `299 - "${pair} is old"` } };
    });
    const onWarning = (_host: string, text: string) => warnings.push(text);
    const credential: Credential = { kind: 'basic', username: 'tester', password: 'canäry' };
    await new Registry(host, testTransport({ credential, onWarning })).ping();
    assert.deepEqual(warnings, ['tester:(secret) is old']);
  });

  it('has the signature of a redirect taken out of the failure of the store behind it', async () => {
    const store = await start(({ line }) => ({
      status: 403,
      body: `{"message":"bad signature in ${line}"}`,
    }));
    const { host } = await start(() => ({
      status: 307,
      headers: { Location: `http://${store.host}/blob?digest=x&X-Amz-Signature=canary-signature` },
    }));
    const error = await failureOf(host, basic);
    assertClean(error);
    assert.match(error.message, /bad signature in .*digest=x&X-Amz-Signature=\(secret\)/);
  });

  it('has the signature of a redirect taken out of what node-fetch says about a store that is down', async () => {
    const store = await start([]);
    await store.stop();
    const { host } = await start(() => ({
      status: 307,
      headers: { Location: `http://${store.host}/blob?X-Amz-Signature=canary-signature` },
    }));
    const error = await failureOf(host, basic);
    assert.ok(error instanceof NetworkError && error.cause instanceof Error);
    assertClean(error);
    assert.match(error.cause.message, /^connect ECONNREFUSED /);
  });

  it('has nothing of a page that is not JSON quoted', async () => {
    const { host } = await start(({ headers: { authorization } }) =>
      authorization === undefined
        ? { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } }
        : { body: 'canary' },
    );
    const names = new Registry(host, testTransport({ credential: basic })).repositories();
    const error = await names[Symbol.asyncIterator]()
      .next()
      .catch((caught: unknown) => caught);
    assert.ok(error instanceof OciError);
    assertClean(error);
  });
});
