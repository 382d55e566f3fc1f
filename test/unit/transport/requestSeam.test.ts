import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { NetworkError } from '../../../src/oci/errors';
import { Registry } from '../../../src/targets/registry/registry';
import { discard } from '../../../src/transport/readCapped';
import type { Endpoint } from '../../../src/transport/transport';
import { makeAuthority, type CertificateAuthority, type KeyPair } from '../../support/certificateAuthority';
import { TestClock } from '../../support/testClock';
import { startScriptedServer } from '../../support/scriptedServer';
import { testTransport } from '../../support/testTransport';

const isNetworkError = (code: RegExp) => (error: unknown) =>
  error instanceof NetworkError && code.test(error.causeCode);

describe('The settings of a connection', () => {
  let authority: CertificateAuthority;
  let pair: KeyPair;
  const servers: https.Server[] = [];

  before(async () => {
    authority = await makeAuthority();
    pair = await authority.issue({ hosts: 'DNS:registry.test,IP:127.0.0.2,IP:192.0.2.7' });
  });
  after(() => authority.dispose());
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Answers with what it saw: the name in the handshake, the client's name, the headers. */
  async function serve(
    options: https.ServerOptions = {},
  ): Promise<{ port: number; connections: () => number }> {
    let connections = 0;
    const server = https.createServer({ ...pair, ...options }, (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: string };
      const client = socket.getPeerCertificate().subject?.CN;
      response.end(JSON.stringify({ servername: socket.servername, client, headers: request.headers }));
    });
    server.on('secureConnection', () => connections++);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    return { port: (server.address() as AddressInfo).port, connections: () => connections };
  }

  const asker = (host: string, endpoint: Partial<Endpoint>) => {
    const fixed = { host, plainHttp: false, insecure: false, ...endpoint };
    const transport = testTransport({ endpoint: fixed });
    return async () => {
      const { body } = await transport.send({ method: 'GET', host, path: '/v2/' });
      return JSON.parse(Buffer.concat(await body.toArray()).toString()) as Seen;
    };
  };
  const ask = (host: string, endpoint: Partial<Endpoint>) => asker(host, endpoint)();

  it('pass on no agent: with one, VS Code keeps a request from its proxy or drops what the agent has', async () => {
    const { port } = await serve();
    const original = https.request;
    const agents: unknown[] = [];
    https.request = ((url: URL, options: https.RequestOptions) => {
      agents.push(options.agent);
      return original(url, options);
    }) as typeof original;
    try {
      await ask(`127.0.0.2:${port}`, { ca: authority.ca });
      assert.deepEqual(agents, [undefined]);
    } finally {
      https.request = original;
    }
  });

  it('skip verification', async () => {
    const { port } = await serve();
    assert.ok(await ask(`127.0.0.2:${port}`, { insecure: true }));
  });

  it('trust an authority, which is not trusted otherwise', async () => {
    const { port } = await serve();
    const host = `127.0.0.2:${port}`;
    assert.ok(await ask(host, { ca: authority.ca }));
    await assert.rejects(ask(host, {}), isNetworkError(/^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/));
  });

  it('show a client certificate to a server that asks for one', async () => {
    const { port } = await serve({ requestCert: true, rejectUnauthorized: true, ca: authority.ca });
    const clientCertificate = await authority.issue({ name: 'Test client' });
    const seen = await ask(`127.0.0.2:${port}`, { ca: authority.ca, clientCertificate });
    assert.equal(seen.client, 'Test client');
    assert.equal(
      (await ask(`127.0.0.2:${port}`, { insecure: true, clientCertificate })).client,
      'Test client',
    );
    await assert.rejects(ask(`127.0.0.2:${port}`, { ca: authority.ca }), (error) => {
      assert.ok(isNetworkError(/ALERT_CERTIFICATE_REQUIRED$/)(error));
      assert.match((error as Error).message, /it asks for a client certificate/);
      return true;
    });
  });

  it('connect to another address, with name and certificate of the host', async () => {
    const { port } = await serve();
    const resolve = { address: '127.0.0.2', port };
    const { servername, headers } = await ask('registry.test:8443', { ca: authority.ca, resolve });
    assert.equal(servername, 'registry.test');
    assert.equal(headers.host, 'registry.test:8443');
    assert.ok(await ask(`registry.test:${port}`, { ca: authority.ca, resolve: { address: '127.0.0.2' } }));
    assert.ok(await ask('192.0.2.7', { ca: authority.ca, resolve }));
    await assert.rejects(
      ask('other.test', { ca: authority.ca, resolve }),
      isNetworkError(/^ERR_TLS_CERT_ALTNAME_INVALID$/),
    );
  });

  it('connect to another address over plain HTTP', async () => {
    const server = await startScriptedServer([{ body: 'x' }]);
    const resolve = { address: '127.0.0.1', port: Number(server.host.split(':')[1]) };
    const transport = testTransport({ endpoint: { resolve } });
    discard(await transport.send({ method: 'GET', host: 'registry.test:5000', path: '/v2/' }));
    assert.equal(server.seen[0]?.headers.host, 'registry.test:5000');
    await server.stop();
  });

  it('use a connection again, but not for settings that trust less', async () => {
    const { port, connections } = await serve();
    const host = `127.0.0.2:${port}`;
    const skipping = asker(host, { insecure: true });
    await skipping();
    await skipping();
    assert.equal(connections(), 1);
    const trusting = asker(host, { ca: authority.ca });
    await trusting();
    await trusting();
    assert.equal(connections(), 2);
    await assert.rejects(ask(host, {}), isNetworkError(/^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/));
  });
});

describe('Extra headers of a registry', () => {
  const headers = { 'X-Gateway': 'marked-secret' };

  it('go to its own origin, with each request', async () => {
    const server = await startScriptedServer(() => ({}));
    const transport = testTransport({ endpoint: { headers } });
    discard(await transport.send({ method: 'GET', host: server.host, path: '/v2/' }));
    discard(
      await transport.send({ method: 'PUT', host: server.host, path: '/v2/x', body: Buffer.from('x') }),
    );
    assert.deepEqual(
      server.seen.map((seen) => seen.headers['x-gateway']),
      ['marked-secret', 'marked-secret'],
    );
    assert.ok(!JSON.stringify(transport.log).includes('marked'));
    await server.stop();
  });

  it('do not go where it redirects to, nor to its token server, even if these have the same settings', async () => {
    const storage = await startScriptedServer(() => ({ body: 'blob' }));
    const issuer = await startScriptedServer(() => ({ body: '{"token":"t"}' }));
    const registry = await startScriptedServer(({ headers: seen }) =>
      seen.authorization
        ? { status: 307, headers: { Location: `http://${storage.host}/blob` } }
        : { status: 401, headers: { 'WWW-Authenticate': `Bearer realm="http://${issuer.host}/token"` } },
    );
    const transport = testTransport({ endpoint: { headers } });
    discard(await transport.send({ method: 'GET', host: registry.host, path: '/v2/' }));
    assert.ok(registry.seen.every((seen) => seen.headers['x-gateway'] === 'marked-secret'));
    for (const { seen } of [storage, issuer]) {
      assert.equal(seen.length, 1);
      assert.ok(!JSON.stringify(seen[0]?.headers).includes('marked'));
    }
    await Promise.all([storage, issuer, registry].map((server) => server.stop()));
  });
});

describe('A proxy that refuses', () => {
  it('is named as the proxy, and how it gets a password', async () => {
    const server = await startScriptedServer([{ status: 407 }]);
    await assert.rejects(
      testTransport().send({ method: 'GET', host: server.host, path: '/v2/' }),
      /the proxy on the way asks for a user name and password.*http:\/\/user:password@proxy \(PROXY_REFUSED\)/,
    );
    await server.stop();
  });

  for (const status of [403, 407, 502]) {
    it(`with ${status} and repeats its password has it taken out of what is shown`, async () => {
      const server = await startScriptedServer(({ headers: { 'proxy-authorization': said = '' } }) => ({
        status,
        headers: { Warning: `299 - "${said}"` },
        body: `${said} is ${Buffer.from(said.slice(6), 'base64').toString()}`,
      }));
      const warnings: string[] = [];
      const onWarning = (_host: string, text: string) => warnings.push(text);
      const transport = testTransport({ clock: new TestClock(), onWarning });
      const restore = signInToProxies(`Basic ${Buffer.from('user:canary').toString('base64')}`);
      const registry = new Registry(server.host, transport);
      try {
        await assert.rejects(registry.ping(), (error) => {
          assert.doesNotMatch(`${(error as Error).message} ${warnings.join()}`, /canary|Y2FuYXJ5|xjYW5hcn/);
          return true;
        });
        assert.ok(server.seen[0]?.headers['proxy-authorization']);
      } finally {
        restore();
        await server.stop();
      }
    });
  }

  it('is not taken for the registry: its challenge gets no credentials', async () => {
    const challenge =
      'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n';
    const { restore } = await answerInTheClear(challenge);
    try {
      const sent = testTransport({
        endpoint: { plainHttp: false },
        credential: { kind: 'basic', username: 'tester', password: 'marked' },
      }).send({ method: 'GET', host: 'registry.test', path: '/v2/' });
      await assert.rejects(sent, /the proxy on the way refused with status 401 \(PROXY_REFUSED\)/);
    } finally {
      restore();
    }
  });
});

interface Seen {
  readonly servername?: string;
  readonly client?: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** What VS Code's proxy agent does with a request over plain HTTP; gives the way back. */
function signInToProxies(authorization: string): () => void {
  const original = http.request;
  http.request = ((url: URL, options: http.RequestOptions) => {
    const sent = original(url, options);
    sent.setHeader('Proxy-Authorization', authorization);
    return sent;
  }) as typeof original;
  return () => {
    http.request = original;
  };
}

/** What VS Code's proxy agent does with the answer to a refused CONNECT: it comes as the answer to the request. */
async function answerInTheClear(answer: string): Promise<{ restore: () => void }> {
  const original = https.request;
  const server = net.createServer((socket) => void once(socket, 'data').then(() => socket.end(answer)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  https.request = ((_url: URL, options: https.RequestOptions) =>
    http.request({ ...options, hostname: '127.0.0.1', port })) as typeof original;
  const restore = () => {
    https.request = original;
    server.close();
  };
  return { restore };
}
