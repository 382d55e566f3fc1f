import assert from 'node:assert/strict';
import { once } from 'node:events';
import { NetworkError, RegistryError } from '../../../src/oci/errors';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { Registry } from '../../../src/targets/registry/registry';
import { discard } from '../../../src/transport/readCapped';
import { collect, textBlob } from '../../support/artifacts';
import { startScriptedServer, type ScriptedAnswer, type ScriptedServer } from '../../support/scriptedServer';
import { TestClock } from '../../support/testClock';
import { testTransport } from '../../support/testTransport';

/** Just below the longest silence that is waited for. */
const ALMOST_IDLE_MS = 59_000;

describe('A server that sends one byte a minute', () => {
  let server: ScriptedServer;
  let clock: TestClock;
  afterEach(() => server.stop());

  /** Each byte arrives, and then nearly a minute goes by. */
  const start = async (answer: ScriptedAnswer) => {
    clock = new TestClock();
    clock.refreshes.on('one', () => clock.elapse(ALMOST_IDLE_MS));
    const drip = () => once(clock.refreshes, 'one');
    server = await startScriptedServer(() => ({ ...answer, drip }));
    return testTransport({ clock });
  };
  const isDrip = (error: unknown) =>
    error instanceof NetworkError &&
    error.causeCode === 'ETIMEDOUT' &&
    /not complete after 300 seconds/.test(error.message);

  it('does not hold a manifest for ever', async () => {
    const transport = await start({ headers: { 'Content-Type': mediaTypes.ociManifest }, body: '{"schema' });
    const target = new Registry(server.host, transport).repository('team/app');
    await assert.rejects(target.readManifest('v1'), isDrip);
  });

  it('does not hold a list for ever', async () => {
    const transport = await start({ body: '{"tags":["a"' });
    await assert.rejects(collect(new Registry(server.host, transport).repository('team/app').tags()), isDrip);
  });

  it('does not hold a token for ever', async () => {
    const transport = await start({ body: '{"token":"' });
    const { host } = server;
    const registry = await startScriptedServer(() => ({
      status: 401,
      headers: { 'WWW-Authenticate': `Bearer realm="http://${host}/token"` },
    }));
    await assert.rejects(transport.send({ method: 'GET', host: registry.host, path: '/v2/' }), isDrip);
    await registry.stop();
  });

  it('does not hold a refusal for ever: the status says what failed', async () => {
    const transport = await start({ status: 403, body: '{"errors":[' });
    const target = new Registry(server.host, transport).repository('team/app');
    await assert.rejects(
      target.readManifest('v1'),
      (error) => error instanceof RegistryError && error.status === 403,
    );
  });

  it('does not hold a connection whose answer nobody reads', async () => {
    const transport = await start({ headers: { 'Content-Length': '60000' } });
    const response = await transport.send({ method: 'GET', host: server.host, path: '/v2/' });
    const closed = once(response.body, 'error').catch(() => undefined);
    discard(response);
    await closed;
    assert.ok(response.body.destroyed);
  });

  it('may send a blob as slowly as that', async () => {
    const blob = textBlob('a blob that comes slowly');
    const transport = await start({ headers: { 'Content-Length': '24' }, body: 'a blob that comes slowly' });
    const startedMs = clock.now();
    const target = new Registry(server.host, transport).repository('team/app');
    const chunks = await collect<Buffer>(await target.fetch(blob.descriptor));
    assert.equal(Buffer.concat(chunks).toString(), 'a blob that comes slowly');
    assert.ok(clock.now() - startedMs > 10 * 60_000);
  });
});
