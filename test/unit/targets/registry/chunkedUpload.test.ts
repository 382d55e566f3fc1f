import assert from 'node:assert/strict';
import { InvalidContentError, RegistryError } from '../../../../src/oci/errors';
import { Registry } from '../../../../src/targets/registry/registry';
import {
  UploadWays,
  type UploadKey,
  type UploadSessions,
  type UploadWaysOptions,
} from '../../../../src/targets/registry/uploadWays';
import { sourceOf, textBlob } from '../../../support/artifacts';
import {
  startScriptedServer,
  type ScriptedAnswer,
  type Script,
  type ScriptedServer,
} from '../../../support/scriptedServer';
import { TestClock } from '../../../support/testClock';
import { testTransport } from '../../../support/testTransport';

const blob = textBlob('0123456789');
const digest = encodeURIComponent(blob.descriptor.digest);
const place = (
  number: number,
  has?: string,
  more: Readonly<Record<string, string>> = {},
): ScriptedAnswer => ({
  status: 202,
  headers: { Location: `/up/${number}?_state=${number}`, ...(has && { Range: has }), ...more },
});

/** Sessions in memory that show what is kept. */
class KeptSessions extends Map<string, string> implements UploadSessions {
  async take({ digest: of }: UploadKey): Promise<string | undefined> {
    const location = this.get(of);
    this.delete(of);
    return location;
  }
  async keep({ digest: of }: UploadKey, location: string): Promise<void> {
    this.set(of, location);
  }
  async drop({ digest: of }: UploadKey): Promise<void> {
    this.delete(of);
  }
  async mayKeep(): Promise<boolean> {
    return this.size > 0;
  }
}

describe('An upload in chunks', () => {
  let server: ScriptedServer;
  let sessions: KeptSessions;
  beforeEach(() => (sessions = new KeptSessions()));
  afterEach(() => server?.stop());

  const push = async (script: Script, limitBytes: number | undefined = 4) => {
    server = await startScriptedServer(script);
    return pushAgain(limitBytes);
  };
  const pushAgain = async (limitBytes: number | undefined = 4) => pushBy({ limitBytes: () => limitBytes });
  const pushBy = async (ways: UploadWaysOptions) => {
    const uploads = new UploadWays({ ...ways, sessions });
    const transport = testTransport({ clock: new TestClock() });
    const target = new Registry(server.host, transport, { uploads }).repository('team/app');
    let sentBytes = 0;
    await target.push(blob.descriptor, sourceOf(blob.bytes), { onBytes: (delta) => (sentBytes += delta) });
    return sentBytes;
  };
  const chunks = () =>
    server.seen
      .filter(({ line }) => line.startsWith('PATCH'))
      .map(({ headers, body }) => `${headers['content-range']} ${body.toString()}`);

  it('follows each place that it is given, and ends with an empty PUT', async () => {
    const done = await push([place(0), place(1, '0-3'), place(2, '0-7'), place(3, '0-9'), { status: 201 }]);
    assert.equal(done, 10);
    assert.deepEqual(server.lines(), [
      'POST /v2/team/app/blobs/uploads/',
      'PATCH /up/0?_state=0',
      'PATCH /up/1?_state=1',
      'PATCH /up/2?_state=2',
      `PUT /up/3?_state=3&digest=${digest}`,
    ]);
    assert.deepEqual(chunks(), ['0-3 0123', '4-7 4567', '8-9 89']);
    assert.equal(server.seen[4]?.headers['content-length'], '0');
    assert.equal(sessions.size, 0);
  });

  it('sends no chunk below the least that the registry asks for', async () => {
    await push([place(0, undefined, { 'OCI-Chunk-Min-Length': '6' }), place(1), place(2), { status: 201 }]);
    assert.deepEqual(chunks(), ['0-5 012345', '6-9 6789']);
  });

  it('asks after a 416 how far it is, and goes on from there', async () => {
    const state = { status: 204, headers: { Location: '/up/7', Range: '0-1' } };
    const done = await push([
      place(0),
      { status: 416 },
      state,
      place(1, '0-5'),
      place(2, '0-9'),
      { status: 201 },
    ]);
    assert.deepEqual(chunks(), ['0-3 0123', '2-5 2345', '6-9 6789']);
    assert.equal(done, 10);
  });

  it('goes on from less than was sent where the registry says that it took less', async () => {
    await push([place(0), place(1, '0-2'), place(2, '0-6'), place(3, '0-9'), { status: 201 }]);
    assert.deepEqual(chunks(), ['0-3 0123', '3-6 3456', '7-9 789']);
  });

  it('begins anew where the registry does not know the upload any more', async () => {
    const done = await push([
      ...[place(0), place(1, '0-3'), { status: 404 }, { status: 404 }],
      ...[place(2), place(3, '0-3'), place(4, '0-7'), place(5, '0-9'), { status: 201 }],
    ]);
    assert.equal(done, 10);
    assert.deepEqual(chunks(), ['0-3 0123', '4-7 4567', '0-3 0123', '4-7 4567', '8-9 89']);
  });

  it('keeps the place of an upload that fails, and goes on there the next time', async () => {
    const refuse = [place(0), place(1, '0-3'), { status: 403 }];
    const state = { status: 204, headers: { Range: '0-3' } };
    await assert.rejects(push([...refuse, state, place(2, '0-7'), place(3, '0-9'), { status: 201 }]));
    assert.deepEqual([...sessions.values()], [`http://${server.host}/up/1?_state=1`]);
    assert.equal(await pushAgain(), 10);
    assert.deepEqual(chunks().slice(-2), ['4-7 4567', '8-9 89']);
    assert.equal(server.lines().filter((line) => line.startsWith('POST')).length, 1);
  });

  it('does not follow a place on another host', async () => {
    const elsewhere = { status: 202, headers: { Location: 'http://127.0.0.9/up' } };
    await assert.rejects(push([place(0), elsewhere]), InvalidContentError);
  });

  it('ends where the registry takes chunk after chunk and has no more than before', async () => {
    await assert.rejects(
      push(({ line }) => place(line.startsWith('POST') ? 0 : 1, '0-0')),
      InvalidContentError,
    );
  });

  it('tells the 413 of a registry that takes not even a small body', async () => {
    const refused = push(({ line }) => (line.startsWith('POST') ? place(0) : { status: 413 }));
    await assert.rejects(refused, (error) => error instanceof RegistryError && error.status === 413);
  });

  it('is one body where nothing limits it', async () => {
    server = await startScriptedServer([place(0), { status: 201 }]);
    assert.equal(await pushBy({ continuableBytes: 1 }), 10);
    assert.equal(server.lines()[1], `PUT /up/0?_state=0&digest=${digest}`);
    assert.equal(server.seen[1]?.headers['content-range'], undefined);
    assert.equal(sessions.size, 0);
  });

  it('goes on in chunks where a body was cut of which the registry has a part', async () => {
    const state = { status: 204, headers: { Range: '0-3' } };
    server = await startScriptedServer([place(0), { cut: true }, state, place(1, '0-9'), { status: 201 }]);
    assert.equal(await pushBy({ continuableBytes: 1 }), 10);
    assert.deepEqual(chunks(), ['4-9 456789']);
  });

  it('starts again in a new place where the registry has nothing of a body that was cut', async () => {
    const gone = { status: 404 };
    server = await startScriptedServer([place(0), { cut: true }, gone, place(1), { status: 201 }]);
    assert.equal(await pushBy({ continuableBytes: 1 }), 10);
    assert.deepEqual(server.seen[4]?.body, blob.bytes);
  });

  it('gives way to one whole body where the registry takes no chunks', async () => {
    const state = { status: 204, headers: { Range: '0-3' } };
    const answers = [place(0), { cut: true }, state, { status: 405 }, place(1), { status: 201 }];
    server = await startScriptedServer(answers);
    assert.equal(await pushBy({ continuableBytes: 1 }), 10);
    assert.equal(server.lines()[5], `PUT /up/1?_state=1&digest=${digest}`);
    assert.deepEqual(server.seen[5]?.body, blob.bytes);
    assert.equal(sessions.size, 0);
  });

  it('is stored where only the answer to the PUT was lost', async () => {
    let puts = 0;
    await push(({ line }) => {
      if (line.startsWith('PUT')) return ++puts === 1 ? { cut: true } : { status: 404 };
      if (line.startsWith('GET /v2/team/app/blobs/')) return { body: blob.bytes };
      return place(0);
    }, 20 - 11);
    assert.equal(puts, 2);
  });
});

describe('UploadWays', () => {
  const MIB = 1024 * 1024;
  const sessions = new KeptSessions();

  it('make an upload one that can be continued where it is large', () => {
    assert.equal(new UploadWays().chunkBytesFor('h', 4096 * MIB), undefined);
    const ways = new UploadWays({ sessions });
    assert.equal(ways.chunkBytesFor('h', 32 * MIB - 1), undefined);
    assert.equal(ways.chunkBytesFor('h', 32 * MIB), 32 * MIB);
    ways.refusesChunks('h');
    assert.equal(ways.chunkBytesFor('h', 32 * MIB), undefined);
  });

  it('halve what was too large, for that host alone, down to a quarter of a MiB', () => {
    const ways = new UploadWays();
    assert.equal(ways.tooLarge('h', 1000 * MIB), true);
    assert.equal(ways.chunkBytesFor('h', 1000 * MIB), 64 * MIB);
    assert.equal(ways.tooLarge('h', 64 * MIB), true);
    assert.equal(ways.chunkBytesFor('h', 33 * MIB), 32 * MIB);
    assert.equal(ways.chunkBytesFor('h', 32 * MIB), undefined);
    assert.equal(ways.chunkBytesFor('other', 33 * MIB), undefined);
    assert.equal(ways.tooLarge('h', MIB / 4), false);
  });
});
