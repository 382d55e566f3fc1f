import assert from 'node:assert/strict';
import { RegistryError } from '../../../../src/oci/errors';
import { Registry } from '../../../../src/targets/registry/registry';
import { UploadWays } from '../../../../src/targets/registry/uploadWays';
import { manifestOf, sourceOf, textBlob } from '../../../support/artifacts';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const blob = textBlob('0123456789');
const manifest = manifestOf([blob]);
const place = { status: 202, headers: { Location: '/up/1' } };
const readable = { status: 206, headers: { 'Content-Range': 'bytes 0-0/10' }, body: '0' };

interface Case {
  readonly title: string;
  readonly post: ScriptedAnswer;
  readonly put: ScriptedAnswer;
  readonly limitBytes?: number;
}

const cases: readonly Case[] = [
  { title: 'a PUT that is answered 202', post: place, put: { status: 202 } },
  { title: 'a PUT that is answered 203', post: place, put: { status: 203 } },
  { title: 'a PUT behind chunks that is answered 202', post: place, put: place, limitBytes: 4 },
  { title: 'a POST that is answered 201', post: { status: 201 }, put: { status: 599 } },
  {
    title: 'a POST that is answered 201 with the blob',
    post: { status: 201, headers: { Location: '/v2/team/app/blobs/x' } },
    put: { status: 599 },
  },
  { title: 'a POST that is answered 200', post: { status: 200 }, put: { status: 599 }, limitBytes: 4 },
];

describe('An upload whose answer does not say that the blob is stored', () => {
  let server: ScriptedServer;
  afterEach(() => server?.stop());

  const start = async ({ post, put }: Case, get: ScriptedAnswer) => {
    server = await startScriptedServer(({ line, headers }) => {
      if (line.startsWith('POST')) return post;
      if (line.startsWith('PUT')) return put;
      if (line.startsWith('GET')) return get;
      const last = /-(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? '9';
      return { ...place, headers: { ...place.headers, Range: `0-${last}` } };
    });
  };
  const push = async ({ limitBytes }: Case) => {
    const uploads = new UploadWays({ limitBytes: () => limitBytes });
    const transport = testTransport({ clock: new TestClock() });
    const target = new Registry(server.host, transport, { uploads }).repository('team/app');
    let sentBytes = 0;
    await target.push(blob.descriptor, sourceOf(blob.bytes), { onBytes: (delta) => (sentBytes += delta) });
    return sentBytes;
  };

  for (const each of cases) {
    it(`is finished where the registry then gives the blob: ${each.title}`, async () => {
      await start(each, readable);
      assert.equal(await push(each), 10);
      assert.equal(server.lines().filter((line) => line.startsWith('GET')).length, 1);
    });

    it(`is named where it does not: ${each.title}`, async () => {
      await start(each, { status: 404 });
      await assert.rejects(
        push(each),
        (error) =>
          error instanceof RegistryError &&
          error.message.includes(blob.descriptor.digest) &&
          /does not say that .* is stored/.test(error.message),
      );
    });
  }

  it('is a manifest as well, which is read whole', async () => {
    for (const [body, isStored] of [
      [manifest.bytes, true],
      ['other', false],
    ] as const) {
      server = await startScriptedServer([{ status: 202 }, { body }]);
      const target = new Registry(server.host, testTransport()).repository('team/app');
      const tagged = target.tag(manifest, 'v1');
      await (isStored ? tagged : assert.rejects(tagged, RegistryError));
      await server.stop();
    }
  });
});
