import assert from 'node:assert/strict';
import { InvalidContentError, RegistryError, SignInRequiredError } from '../../../../src/oci/errors';
import { Registry } from '../../../../src/targets/registry/registry';
import { textBlob } from '../../../support/artifacts';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const blob = textBlob('blob');
const { digest } = blob.descriptor;
const empty = textBlob('');
const path = `/v2/team/app/blobs/${digest}`;
const ranged = (body: string, range: string): ScriptedAnswer => ({
  status: 206,
  headers: { 'Content-Range': range },
  body,
});
const firstByte = ranged('b', 'bytes 0-0/4');

describe('A blob that a registry says it has', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  const start = async (script: Script, address?: string) => {
    const server = await startScriptedServer(script, address);
    servers.push(server);
    return server;
  };
  const repository = async (script: Script) => {
    const server = await start(script);
    const transport = testTransport({ clock: new TestClock() });
    return { server, target: new Registry(server.host, transport).repository('team/app') };
  };
  const isThere = async (answer: ScriptedAnswer, { descriptor } = blob) =>
    (await repository(() => answer)).target.exists(descriptor);

  it('is there where its first byte arrives, by one request', async () => {
    const { server, target } = await repository([firstByte]);
    assert.equal(await target.exists(blob.descriptor), true);
    assert.deepEqual(server.lines(), [`GET ${path}`]);
    assert.equal(server.seen[0]?.headers.range, 'bytes=0-0');
  });

  it('is not read on where the registry gives the whole', async () => {
    const large = { ...blob.descriptor, size: 1_000_000_000 };
    const headers = { 'Content-Length': String(large.size) };
    const { server, target } = await repository([{ headers, body: 'start', hang: true }]);
    assert.equal(await target.exists(large), true);
    assert.equal(server.seen.length, 1);
  });

  it('is gone where the byte that was announced does not come', async () => {
    const headers = { 'Content-Range': 'bytes 0-0/4', 'Content-Length': '1' };
    assert.equal(await isThere({ status: 206, headers, body: '', cut: true }), false);
    assert.equal(await isThere({ headers: { 'Content-Length': '4' }, body: '', cut: true }), false);
  });

  for (const status of [204, 303, 400, 403, 404, 405, 406, 410, 416, 501])
    it(`is to be sent after ${status}`, async () => assert.equal(await isThere({ status }), false));

  it('is another where it has another size', async () => {
    assert.equal(await isThere(ranged('b', 'bytes 0-0/5')), false);
    assert.equal(await isThere({ body: 'login' }), false);
  });

  it('is there without a byte where it has none', async () => {
    const answers = [
      { status: 416, headers: { 'Content-Range': 'bytes */0' } },
      { status: 416 },
      { body: '' },
    ];
    for (const answer of answers) assert.equal(await isThere(answer, empty), true);
    assert.equal(await isThere({ status: 404 }, empty), false);
  });

  it('asks to sign in after 401, and waits after 429', async () => {
    await assert.rejects(isThere({ status: 401 }), SignInRequiredError);
    await assert.rejects(
      isThere({ status: 429 }),
      (error) => error instanceof RegistryError && error.status === 429,
    );
  });

  for (const status of [302, 303, 307, 308])
    it(`is read where ${status} leads to, and to be sent where that gives nothing`, async () => {
      let answer: ScriptedAnswer = firstByte;
      const store = await start(
        ({ line }) => (line.startsWith('HEAD') ? { status: 403 } : answer),
        '127.0.0.2',
      );
      const headers = { Location: `http://${store.host}/o?signature=of-get` };
      const { target } = await repository(() => ({ status, headers }));
      assert.equal(await target.exists(blob.descriptor), true);
      assert.equal(store.seen[0]?.headers.range, 'bytes=0-0');
      const page = { headers: { 'Content-Type': 'text/html' }, body: '<html>Sign in' };
      for (answer of [{ status: 403 }, { status: 404 }, page])
        assert.equal(await target.exists(blob.descriptor), false);
      await store.stop();
      assert.equal(await target.exists(blob.descriptor), false);
    });

  it('is to be sent where the registry leads nowhere', async () => {
    for (const Location of ['ftp://127.0.0.1/x', 'http://me@127.0.0.1/x', path])
      assert.equal(await isThere({ status: 307, headers: { Location } }), false);
  });

  it('tells its size by GET', async () => {
    const sizes: readonly (readonly [ScriptedAnswer, number])[] = [
      [firstByte, 4],
      [{ body: 'blob' }, 4],
      [{ status: 416, headers: { 'Content-Range': 'bytes */0' } }, 0],
    ];
    for (const [answer, size] of sizes) {
      const { server, target } = await repository([answer]);
      assert.equal((await target.resolveBlob(digest)).size, size);
      assert.deepEqual(server.lines(), [`GET ${path}`]);
    }
    const { target } = await repository([ranged('b', 'bytes 0-0/*'), { body: 'blob' }]);
    assert.equal((await target.resolveBlob(digest)).size, 4);
  });

  it('is named where it has no size', async () => {
    const chunked = { headers: { 'Transfer-Encoding': 'chunked' }, body: 'blob' };
    const { target } = await repository(() => chunked);
    await assert.rejects(target.resolveBlob(digest), InvalidContentError);
    await assert.rejects((await repository(() => ({ status: 404 }))).target.resolveBlob(digest), {
      name: 'NotFoundError',
    });
  });

  it('is shown with seven others at the same time, no more', async () => {
    let open = 0;
    let most = 0;
    const { server, target } = await repository(() => {
      most = Math.max(most, ++open);
      return { status: 206, headers: { 'Content-Range': 'bytes 0-0/4' }, hang: true };
    });
    const stop = new AbortController();
    const looks = Array.from({ length: 20 }, () => target.exists(blob.descriptor, { signal: stop.signal }));
    while (server.seen.length < 8) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort(new Error('enough'));
    for (const look of looks) await assert.rejects(look, /enough/);
    assert.equal(most, 8);
  });

  it('that is mounted is there where it can be read, and is to be sent otherwise', async () => {
    const mount = async (answer: ScriptedAnswer) => {
      const { server, target } = await repository([{ status: 201 }, answer]);
      const isMounted = await target.mount(blob.descriptor, 'team/base');
      assert.deepEqual(server.lines()[1], `GET ${path}`);
      return isMounted;
    };
    assert.equal(await mount(firstByte), true);
    assert.equal(await mount({ status: 404 }), false);
  });
});
