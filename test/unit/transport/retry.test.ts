import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { NetworkError } from '../../../src/oci/errors';
import { retryAfterMs } from '../../../src/transport/retry';
import type { TransportRequest } from '../../../src/transport/transport';
import { sourceOf } from '../../support/artifacts';
import { startScriptedServer, type Script, type ScriptedServer } from '../../support/scriptedServer';
import { TestClock } from '../../support/testClock';
import { testTransport } from '../../support/testTransport';

describe('Retry', () => {
  let server: ScriptedServer;
  afterEach(() => server.stop());

  const run = async (script: Script, request: Partial<TransportRequest> = {}, signal?: AbortSignal) => {
    server = await startScriptedServer(script);
    const clock = new TestClock();
    const deltas: number[] = [];
    const transport = testTransport({ clock });
    const response = transport.send(
      { method: 'GET', host: server.host, path: '/v2/', ...request },
      { ...(signal && { signal }), onBytes: (delta) => deltas.push(delta) },
    );
    return { response, clock, deltas };
  };

  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`sends again after ${status}`, async () => {
      const { response, clock } = await run([{ status }, { body: 'done' }]);
      assert.equal(await text((await response).body), 'done');
      assert.deepEqual(clock.waitsMs, [250]);
    });
  }

  for (const status of [400, 404, 409, 416, 501]) {
    it(`takes ${status} for an answer`, async () => {
      const { response } = await run([{ status }]);
      assert.equal((await response).status, status);
      assert.equal(server.seen.length, 1);
    });
  }

  it('gives up after five tries, each pause twice the last', async () => {
    const { response, clock } = await run(() => ({ status: 503 }));
    assert.equal((await response).status, 503);
    assert.equal(server.seen.length, 5);
    assert.deepEqual(clock.waitsMs, [250, 500, 1000, 2000]);
  });

  it('waits as long as Retry-After says', async () => {
    const { response, clock } = await run([{ status: 429, headers: { 'Retry-After': '7' } }, {}]);
    assert.equal((await response).status, 200);
    assert.deepEqual(clock.waitsMs, [7000]);
  });

  for (const asked of ['0', '-1', '-5', '', 'soon', 'Tue, 31 Dec 2024 00:00:00 GMT', '2024-12-31', '0.1']) {
    for (const status of [429, 503]) {
      it(`still pauses after ${status} where Retry-After is "${asked}"`, async () => {
        const { response, clock } = await run(() => ({ status, headers: { 'Retry-After': asked } }));
        assert.equal((await response).status, status);
        assert.deepEqual(clock.waitsMs, [250, 500, 1000, 2000]);
      });
    }
  }

  it('waits for a fraction of a second that Retry-After says', async () => {
    const { response, clock } = await run([{ status: 429, headers: { 'Retry-After': '1.5' } }, {}]);
    assert.equal((await response).status, 200);
    assert.deepEqual(clock.waitsMs, [1500]);
  });

  it('does not wait when Retry-After asks for more than a minute', async () => {
    const { response, clock } = await run([{ status: 429, headers: { 'Retry-After': '3600' } }]);
    assert.equal((await response).status, 429);
    assert.deepEqual(clock.waitsMs, []);
  });

  it('reads Retry-After as seconds and as a date', () => {
    const nowMs = Date.parse('Wed, 01 Jan 2025 00:00:00 GMT');
    assert.equal(retryAfterMs('5', nowMs), 5000);
    assert.equal(retryAfterMs('Wed, 01 Jan 2025 00:00:30 GMT', nowMs), 30_000);
    assert.equal(retryAfterMs('Tue, 31 Dec 2024 00:00:00 GMT', nowMs), 0);
    assert.equal(retryAfterMs('1.5', nowMs), 1500);
    for (const none of ['soon', '-1', '2025-01-02', '1e3', '0x10', '5 seconds', '']) {
      assert.equal(retryAfterMs(none, nowMs), undefined, none);
    }
    assert.equal(retryAfterMs('Wednesday, 01-Jan-25 00:00:30 GMT', nowMs), 30_000);
    assert.equal(retryAfterMs('Wed Jan  1 00:00:30 2025', nowMs), 30_000);
    assert.equal(retryAfterMs(null, nowMs), undefined);
  });

  it('sends again when the connection is cut, and reports it when that goes on', async () => {
    const { response } = await run([{ cut: true }, { body: 'done' }]);
    assert.equal(await text((await response).body), 'done');
    await server.stop();
    const again = await run(() => ({ cut: true }));
    await assert.rejects(
      again.response,
      (error) =>
        error instanceof NetworkError && error.causeCode === 'ECONNRESET' && error.host === server.host,
    );
    assert.equal(server.seen.length, 5);
  });

  it('opens the body anew, and takes back the bytes it had reported', async () => {
    const bytes = Buffer.from('content');
    const body = { sizeBytes: bytes.length, content: sourceOf(bytes) };
    const { response, deltas } = await run([{ status: 500 }, { status: 201 }], { method: 'PUT', body });
    assert.equal((await response).status, 201);
    assert.deepEqual(
      server.seen.map((request) => request.body.toString()),
      ['content', 'content'],
    );
    assert.deepEqual(deltas, [7, -7, 7]);
  });

  it('finds the address anew for each try', async () => {
    let count = 0;
    const path = async () => new URL(`http://${server.host}/v2/upload-${++count}`);
    const { response } = await run([{ status: 500 }, { status: 201 }], { method: 'PUT', path });
    assert.equal((await response).status, 201);
    assert.deepEqual(server.lines(), ['PUT /v2/upload-1', 'PUT /v2/upload-2']);
  });

  it('never sends a chunk twice', async () => {
    const { response } = await run([{ status: 503 }], {
      method: 'PUT',
      once: true,
      body: Buffer.from('chunk'),
    });
    assert.equal((await response).status, 503);
    assert.equal(server.seen.length, 1);
  });

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const script: Script = () => {
      controller.abort(reason);
      return { status: 503 };
    };
    const { response } = await run(script, {}, controller.signal);
    await assert.rejects(response, reason);
    assert.equal(server.seen.length, 1);
  });
});
