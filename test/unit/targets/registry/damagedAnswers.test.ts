import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../../../src/oci/digest';
import {
  ContentMismatchError,
  FileError,
  InvalidContentError,
  NetworkError,
} from '../../../../src/oci/errors';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import { Registry } from '../../../../src/targets/registry/registry';
import { manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../../support/scriptedServer';
import { HurriedClock, TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const blob = textBlob('blob');
const manifest = manifestOf([blob]);
const page = {
  headers: { 'Content-Type': 'text/html; charset=utf-8' },
  body: '<html>Sign in to the network',
};

describe('Answers that something on the way changed', () => {
  let server: ScriptedServer;
  afterEach(() => server?.stop());
  const registry = async (script: Script) => {
    server = await startScriptedServer(script);
    return new Registry(server.host, testTransport({ clock: new TestClock() }));
  };
  const repository = async (script: Script) => (await registry(script)).repository('team/app');
  const isPage = (error: unknown) =>
    error instanceof InvalidContentError &&
    /web page/.test(error.reason) &&
    error.message.includes(server.host);

  it('a manifest that is not JSON is named with its place', async () => {
    const target = await repository([{ headers: { 'Content-Type': mediaTypes.ociManifest }, body: '{"sch' }]);
    await assert.rejects(
      target.readManifest('v1'),
      (error) => error instanceof InvalidContentError && error.message.includes(`${server.host}/team/app:v1`),
    );
  });

  it('a manifest that was stored as another one is not taken for stored', async () => {
    const headers = { 'Docker-Content-Digest': digestOf('another') };
    const target = await repository(() => ({ status: 201, headers }));
    await assert.rejects(
      target.tag(manifest, 'v1'),
      (error) =>
        error instanceof ContentMismatchError && error.message.includes(`${server.host}/team/app:v1`),
    );
  });

  it('a manifest that was stored under its tag as another one is sent once more', async () => {
    const stored = (digest: string) => ({ status: 201, headers: { 'Docker-Content-Digest': digest } });
    const target = await repository([stored(digestOf('another')), stored(manifest.descriptor.digest)]);
    await target.tag(manifest, 'v1');
    assert.deepEqual(
      server.seen.map(({ line, body }) => [line, body]),
      [1, 2].map(() => ['PUT /v2/team/app/manifests/v1', Buffer.from(manifest.bytes)]),
    );
  });

  it('a web page is no proof that something is there, was stored, tagged or removed', async () => {
    const target = await repository(() => page);
    await assert.rejects(target.exists(blob.descriptor), isPage);
    await assert.rejects(target.tag(manifest, 'v1'), isPage);
    await assert.rejects(target.push(manifest.descriptor, sourceOf(manifest.bytes)), isPage);
    await assert.rejects(target.untag('v1'), isPage);
    await assert.rejects(target.mount(blob.descriptor, 'team/other'), isPage);
  });

  it('a web page at /v2/ is no registry', async () => {
    await assert.rejects((await registry([page])).ping(), isPage);
  });

  it('a registry that says yes in few words is one, whatever their type', async () => {
    const { headers } = page;
    for (const answer of [
      { headers, body: 'true' },
      { headers, body: '' },
      { headers, body: ' {}' },
      { headers: { ...headers, 'Docker-Distribution-API-Version': 'registry/2.0' }, body: '<p>Yes</p>' },
    ]) {
      assert.deepEqual(await (await registry([answer])).ping(), { access: 'open' });
      await server.stop();
    }
  });

  it('an answer without content is no web page, and neither is one that says what was made', async () => {
    const { headers } = page;
    const target = await repository(({ line }) => {
      const Location = '/v2/team/app/blobs/uploads/1';
      if (line.startsWith('HEAD')) return { status: 404 };
      if (line.startsWith('POST'))
        return { status: 202, headers: { ...headers, Location }, body: 'accepted' };
      return { status: line.startsWith('DELETE') ? 200 : 201, headers };
    });
    await target.push(blob.descriptor, sourceOf(blob.bytes));
    await target.untag('v1');
  });

  it('a web page that is kept as a blob is there', async () => {
    const headers = { ...page.headers, 'Docker-Content-Digest': blob.descriptor.digest };
    const target = await repository([{ headers, body: blob.bytes }]);
    assert.equal(await target.exists(blob.descriptor), true);
  });

  it('a blob that is found wrong before anybody reads it fails its reader', async () => {
    const target = await repository([{ body: 'bulb' }]);
    const stream = await target.fetch(blob.descriptor);
    await new Promise((resolve) => stream.once('close', resolve));
    await assert.rejects(buffer(stream), ContentMismatchError);
  });

  it('a server that falls silent again and again is not waited for without end', async () => {
    server = await startScriptedServer(({ headers }) => {
      const from = Number(/\d+/.exec(headers.range ?? '')?.[0] ?? 0);
      const body = blob.bytes.subarray(from, from);
      const range = { 'Content-Range': `bytes ${from}-3/4` };
      return { ...(headers.range && { status: 206, headers: range }), body, hang: true };
    });
    const timeouts = { answerMs: 5_000, idleMs: 20 };
    const transport = testTransport({ clock: new HurriedClock(), timeouts });
    const target = new Registry(server.host, transport).repository('team/app');
    await assert.rejects(
      async () => buffer(await target.fetch(blob.descriptor)),
      (error) => error instanceof NetworkError && error.causeCode === 'ETIMEDOUT',
    );
    assert.equal(server.seen.length, 4);
  });

  it('content that failed before it is sent fails the upload', async () => {
    const target = await repository(({ line }) => ({
      status: line.startsWith('POST') ? 202 : 201,
      headers: { Location: '/upload/1' },
    }));
    const failure = new FileError('/a', 'CHANGED', 'it changed');
    const failed = async () => {
      const stream = new Readable({ read: () => undefined });
      stream.once('error', () => undefined).destroy(failure);
      await new Promise((resolve) => stream.once('close', resolve));
      return stream;
    };
    await assert.rejects(target.push(blob.descriptor, { open: failed }), failure);
  });
});
