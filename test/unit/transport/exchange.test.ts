import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { ArrivingBytes } from '../../../src/oci/arrivingBytes';
import { InvalidContentError, NetworkError } from '../../../src/oci/errors';
import { discard } from '../../../src/transport/readCapped';
import { startScriptedServer, type Script, type ScriptedServer } from '../../support/scriptedServer';
import { TestClock } from '../../support/testClock';
import { testTransport } from '../../support/testTransport';

describe('One HTTP request', () => {
  let server: ScriptedServer;
  const start = async (script: Script) => (server = await startScriptedServer(script));
  afterEach(() => server?.stop());

  it('asks for no compression and says who it is', async () => {
    await start([{ body: 'x' }]);
    const response = await testTransport().send({ method: 'GET', host: server.host, path: '/v2/' });
    discard(response);
    assert.equal(server.seen[0]?.headers['accept-encoding'], 'identity');
    assert.equal(server.seen[0]?.headers['user-agent'], 'oci-artifacts-test');
  });

  it('uses a connection again, after HEAD and refusals too', async () => {
    await start([
      { headers: { 'Content-Length': '1000000000' } },
      { status: 404, body: 'none' },
      { body: 'x' },
    ]);
    const transport = testTransport();
    const head = await transport.send({ method: 'HEAD', host: server.host, path: '/v2/a' });
    discard(head);
    const refused = await transport.send({ method: 'GET', host: server.host, path: '/v2/b' });
    discard(refused);
    await once(refused.body, 'close');
    assert.equal(
      await text((await transport.send({ method: 'GET', host: server.host, path: '/v2/c' })).body),
      'x',
    );
    assert.equal(server.connections(), 1);
  });

  it('uses a connection again behind answers without a body, and short ones without a length', async () => {
    await start([
      { status: 202, headers: { 'Content-Length': '0' } },
      { status: 204 },
      { headers: { 'Transfer-Encoding': 'chunked' } },
      { body: 'x' },
    ]);
    const transport = testTransport();
    for (const method of ['POST', 'DELETE', 'GET'] as const) {
      const response = await transport.send({ method, host: server.host, path: '/v2/' });
      discard(response);
      if (method === 'GET') await once(response.body, 'close');
    }
    discard(await transport.send({ method: 'GET', host: server.host, path: '/v2/' }));
    assert.equal(server.connections(), 1);
  });

  it('leaves compressed bytes as they are', async () => {
    const body = Buffer.from([0x1f, 0x8b, 1, 2, 3]);
    await start([{ body, headers: { 'Content-Encoding': 'gzip' } }]);
    const response = await testTransport().send({ method: 'GET', host: server.host, path: '/v2/' });
    assert.deepEqual(await buffer(response.body), body);
  });

  it('reports a silent server', async () => {
    await start(() => ({ hang: true }));
    const clock = new TestClock();
    const sent = testTransport({ clock }).send({ method: 'GET', host: server.host, path: '/v2/' });
    const outcome = assert.rejects(sent, isNetworkError('ETIMEDOUT'));
    await until(() => server.seen.length === 1);
    clock.ring();
    await until(() => server.seen.length === 2);
    clock.ring();
    await outcome;
  });

  it('reports a body that stays silent half-way', async () => {
    await start([{ body: 'half', hang: true }]);
    const clock = new TestClock();
    const { body } = await testTransport({ clock }).send({ method: 'GET', host: server.host, path: '/v2/' });
    body.on('data', () => clock.ring());
    const [error] = (await once(body, 'error')) as [unknown];
    assert.ok(isNetworkError('ETIMEDOUT')(error));
  });

  it('does not take a slow reader for a silent server', async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 'x');
    await start([{ body: large }]);
    const clock = new TestClock();
    const { body } = await testTransport({ clock }).send({ method: 'GET', host: server.host, path: '/v2/' });
    await once(body, 'readable');
    await until(() => body instanceof ArrivingBytes && !body.hasRoom);
    clock.ring();
    assert.equal((await buffer(body)).length, large.length);
  });

  it('reports a body that is cut', async () => {
    await start([{ body: 'half', cut: true, headers: { 'Content-Length': '100' } }]);
    const { body } = await testTransport().send({ method: 'GET', host: server.host, path: '/v2/' });
    await assert.rejects(buffer(body), isNetworkError('ECONNRESET'));
  });

  it('reports a body that breaks in the piece its head came in', async () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const broken = createServer((socket) => socket.once('data', () => socket.end(`${head}no length\r\n`)));
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    try {
      const host = `127.0.0.1:${(broken.address() as AddressInfo).port}`;
      const { body } = await testTransport().send({ method: 'GET', host, path: '/v2/' });
      await assert.rejects(buffer(body), NetworkError);
    } finally {
      broken.close();
    }
  });

  it('ends a body with the reason of an abort', async () => {
    await start([{ body: 'half', hang: true }]);
    const controller = new AbortController();
    const reason = new Error('enough');
    const request = { method: 'GET', host: server.host, path: '/v2/' } as const;
    const { body } = await testTransport().send(request, { signal: controller.signal });
    body.once('data', () => controller.abort(reason));
    await assert.rejects(buffer(body), reason);
  });

  it('ends a request with the reason of an abort, before and during it', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    await start(() => {
      controller.abort(reason);
      return { hang: true };
    });
    const request = { method: 'GET', host: server.host, path: '/v2/' } as const;
    await assert.rejects(testTransport().send(request, { signal: controller.signal }), reason);
    await assert.rejects(testTransport().send(request, { signal: controller.signal }), reason);
    assert.equal(server.seen.length, 1);
  });

  it('names host and cause of a refused connection', async () => {
    await start([]);
    await server.stop();
    const sent = testTransport().send({ method: 'GET', host: server.host, path: '/v2/' });
    await assert.rejects(sent, (error) => {
      assert.ok(error instanceof NetworkError);
      assert.equal(error.message, `Cannot reach ${server.host}: the connection was refused (ECONNREFUSED).`);
      return true;
    });
  });

  it('says that a server without TLS may be a plain HTTP registry', async () => {
    await start(() => ({}));
    const sent = testTransport({ endpoint: { plainHttp: false } }).send({
      method: 'GET',
      host: server.host,
      path: '/v2/',
    });
    await assert.rejects(sent, /may be a plain HTTP registry \((EPROTO|ERR_SSL_[A-Z_]+)\)/);
  });

  it('refuses to send a body of another length than announced', async () => {
    await start(() => ({ status: 201 }));
    for (const [pieces, reason] of [
      [['too ', 'long'], /it has at least 8 bytes where 5 were announced/],
      [['abc'], /it has 3 bytes where 5 were announced/],
    ] as const) {
      const content = { open: async () => Readable.from(pieces.map((piece) => Buffer.from(piece))) };
      await assert.rejects(
        testTransport().send({
          method: 'PUT',
          host: server.host,
          path: '/v2/',
          body: { sizeBytes: 5, content },
        }),
        (error) => error instanceof InvalidContentError && reason.test(error.message),
      );
    }
  });

  it('passes on what the source of a body raised', async () => {
    await start(() => ({ status: 201 }));
    const failure = new Error('the file changed');
    const content = {
      open: async () =>
        Readable.from(
          (async function* () {
            yield Buffer.from('abc');
            throw failure;
          })(),
        ),
    };
    const sent = testTransport().send({
      method: 'PUT',
      host: server.host,
      path: '/v2/',
      body: { sizeBytes: 5, content },
    });
    await assert.rejects(sent, failure);
  });

  it('logs each request without its secrets', async () => {
    await start([{ status: 404 }]);
    const transport = testTransport();
    const path = '/v2/x?digest=sha256:ab&_state=secret&token=secret&n=5';
    discard(await transport.send({ method: 'GET', host: server.host, path }));
    await assert.rejects(transport.send({ method: 'GET', host: '127.0.0.1:1', path: '/v2/' }));
    assert.deepEqual(
      transport.log.map(({ method, url, outcome }) => [method, url, outcome]),
      [
        ['GET', `http://${server.host}/v2/x?digest=sha256:ab&_state=REDACTED&token=REDACTED&n=5`, 404],
        ['GET', 'http://127.0.0.1:1/v2/', 'ECONNREFUSED'],
      ],
    );
  });

  it('reports each warning once', async () => {
    const warned = { headers: { Warning: '299 - "old \\"version\\"", 299 - "slow"' } };
    await start([warned, warned]);
    const warnings: string[] = [];
    const transport = testTransport({ onWarning: (_host, warning) => warnings.push(warning) });
    for (let count = 0; count < 2; count++) {
      discard(await transport.send({ method: 'GET', host: server.host, path: '/v2/' }));
    }
    assert.deepEqual(warnings, ['old "version"', 'slow']);
  });

  it('reads warnings as UTF-8, else as Latin-1, and leaves out empty ones', async () => {
    const inBytes = (text: string, encoding: BufferEncoding) =>
      `299 - "${Buffer.from(text, encoding).toString('latin1')}"`;
    const texts = [
      inBytes('läuft ab: 次の版 ✓', 'utf8'),
      inBytes('läuft ab', 'latin1'),
      '299 - ""',
      '299 - "  "',
    ];
    await start([{ headers: { Warning: texts.join(', ') } }, { headers: { Warning: texts } }]);
    const warnings: string[] = [];
    const transport = testTransport({ onWarning: (_host, warning) => warnings.push(warning) });
    for (let count = 0; count < 2; count++) {
      discard(await transport.send({ method: 'GET', host: server.host, path: '/v2/' }));
    }
    assert.deepEqual(warnings, ['läuft ab: 次の版 ✓', 'läuft ab']);
  });
});

function isNetworkError(code: string) {
  return (error: unknown) => error instanceof NetworkError && error.causeCode === code;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
