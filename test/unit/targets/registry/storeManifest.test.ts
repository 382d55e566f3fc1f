import assert from 'node:assert/strict';
import { RegistryError } from '../../../../src/oci/errors';
import { Registry } from '../../../../src/targets/registry/registry';
import { manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';
import type { TransportRequest } from '../../../../src/transport/transport';

const manifest = manifestOf([textBlob('blob')]);
const { digest } = manifest.descriptor;
const at = `/v2/team/app/manifests/${digest}`;
const given = { body: manifest.bytes };

describe('A manifest that is stored and to be shown', () => {
  let server: ScriptedServer;
  afterEach(() => server?.stop());
  const repository = async (script: Script) => {
    server = await startScriptedServer(script);
    return new Registry(server.host, testTransport({ clock: new TestClock() })).repository('team/app');
  };

  it('is read whole once, by its digest', async () => {
    const target = await repository([{ status: 201 }, given, { status: 201 }, given]);
    await target.tag(manifest, 'v1', { show: true });
    await target.push(manifest.descriptor, sourceOf(manifest.bytes), { show: true });
    assert.deepEqual(server.lines(), [
      'PUT /v2/team/app/manifests/v1',
      `GET ${at}`,
      `PUT ${at}`,
      `GET ${at}`,
    ]);
  });

  it('is sent as a blob and again under its tag where the registry does not give it back', async () => {
    for (const wrong of [{ status: 404 }, { body: 'other' }]) {
      const target = await repository([
        { status: 201 },
        wrong,
        { status: 202, headers: { Location: '/up/1' } },
        { status: 201 },
        { status: 201 },
        given,
      ]);
      await target.tag(manifest, 'v1', { show: true });
      assert.deepEqual(
        server.lines().map((line) => line.split('?')[0]),
        [
          'PUT /v2/team/app/manifests/v1',
          `GET ${at}`,
          'POST /v2/team/app/blobs/uploads/',
          'PUT /up/1',
          'PUT /v2/team/app/manifests/v1',
          `GET ${at}`,
        ],
      );
      await server.stop();
    }
  });

  it('is named where it cannot be brought back', async () => {
    const target = await repository(({ line }) =>
      line.startsWith('POST')
        ? { status: 202, headers: { Location: '/up/1' } }
        : { status: line.startsWith('GET') ? 404 : 201 },
    );
    await assert.rejects(
      target.tag(manifest, 'v1', { show: true }),
      (error) =>
        error instanceof RegistryError &&
        error.message.includes(`${server.host}/team/app:v1`) &&
        error.message.includes(digest),
    );
  });

  it('is believed where this account may not read, or the connection breaks', async () => {
    const cut = { headers: { 'Content-Length': '9' }, body: '{', cut: true };
    for (const answer of [{ status: 401 }, { status: 403 }, { status: 405 }, cut]) {
      const target = await repository([{ status: 201 }, answer]);
      await target.tag(manifest, 'v1', { show: true });
      assert.equal(server.seen.length, 2);
      await server.stop();
    }
  });

  it('is asked for by HEAD on Docker Hub, which counts each GET as a pull', async () => {
    const requests: TransportRequest[] = [];
    const { transport, host } = await scripted({ headers: { 'Docker-Content-Digest': digest } });
    const send = (request: TransportRequest) => {
      requests.push(request);
      return transport.send({ ...request, host });
    };
    const hub = new Registry('docker.io', { ...transport, send }).repository('team/app');
    await hub.tag(manifest, 'v1', { show: true });
    assert.equal(await hub.exists(manifest.descriptor), true);
    assert.deepEqual(
      requests.map(({ method }) => method),
      ['PUT', 'HEAD', 'HEAD'],
    );
  });

  const scripted = async (answer: { headers: Record<string, string> }) => {
    server = await startScriptedServer(() => answer);
    return { transport: testTransport({ clock: new TestClock() }), host: server.host };
  };
});

describe('A manifest that a registry says it has', () => {
  let server: ScriptedServer;
  afterEach(() => server?.stop());
  const isThere = async (script: Script) => {
    server = await startScriptedServer(script);
    const target = new Registry(server.host, testTransport({ clock: new TestClock() })).repository(
      'team/app',
    );
    const found = await target.exists(manifest.descriptor);
    assert.deepEqual(server.lines(), [`GET ${at}`]);
    await server.stop();
    return found;
  };

  it('is there where it can be read whole', async () => {
    assert.equal(await isThere([given]), true);
    for (const answer of [{ status: 404 }, { status: 403 }, { status: 405 }, { body: 'other' }])
      assert.equal(await isThere([answer]), false);
  });
});
