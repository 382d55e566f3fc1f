import assert from 'node:assert/strict';
import type { Credential } from '../../../src/oci/credential';
import {
  CredentialStoreError,
  NetworkError,
  RegistryError,
  SignInRequiredError,
} from '../../../src/oci/errors';
import { Registry } from '../../../src/targets/registry/registry';
import { createTransport } from '../../../src/transport/createTransport';
import type { TransportRequest } from '../../../src/transport/transport';
import {
  startScriptedServer,
  type Script,
  type ScriptedAnswer,
  type ScriptedServer,
  type SeenRequest,
} from '../../support/scriptedServer';
import { TestClock } from '../../support/testClock';
import { testCredential, testTransport } from '../../support/testTransport';

const basicHeader = `Basic ${Buffer.from('tester:s3cret:battery').toString('base64')}`;
const basicChallenge = { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };

describe('Sign-in', () => {
  const servers: ScriptedServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });
  const start = async (script: Script) => {
    const server = await startScriptedServer(script);
    servers.push(server);
    return server;
  };

  /** A registry that takes the tokens which its token server gives. */
  const startPair = async (tokenAnswer: (request: SeenRequest, count: number) => object, scope = '') => {
    let count = 0;
    const valid = new Set<string>();
    const issuer = await start((request) => {
      const answer = tokenAnswer(request, ++count);
      if ('status' in answer) return answer as ScriptedAnswer;
      valid.add(`Bearer ${String(Object.values(answer)[0])}`);
      return { body: JSON.stringify(answer) };
    });
    const challenge = `Bearer service="the registry",realm="http://${issuer.host}/token?kept=1"${scope && `,scope="${scope}"`}`;
    const registry = await start(({ headers }) =>
      valid.has(headers.authorization ?? '')
        ? {}
        : { status: 401, headers: { 'WWW-Authenticate': challenge } },
    );
    return { issuer, registry, valid };
  };

  const client = (credential?: Credential) => {
    const clock = new TestClock();
    const transport = testTransport({ credential, clock });
    const send = async (host: string, request: Partial<TransportRequest> = {}) => {
      const response = await transport.send({ method: 'GET', host, path: '/v2/', ...request });
      response.body.resume();
      return response;
    };
    return { send, clock, transport };
  };

  describe('with a store of credentials that is broken', () => {
    const broken = new CredentialStoreError('docker-credential-gone', 'it is not installed');
    const withBrokenStore = () => {
      const told: string[] = [];
      const transport = testTransport({
        credentials: { credentialFor: () => Promise.reject(broken) },
        onCredentialFailure: (host, error) => told.push(`${host} ${error.message}`),
      });
      const ask = async (host: string) =>
        transport.send({ method: 'GET', host, path: '/v2/' }).then(({ body, access }) => {
          body.resume();
          return access;
        });
      return { ask, told };
    };

    it('goes on anonymously where a registry lets anyone in, and says so once', async () => {
      const { registry } = await startPair(() => ({ token: 'for-anyone' }));
      const { ask, told } = withBrokenStore();
      assert.equal(await ask(registry.host), 'anonymous');
      assert.equal(await ask(registry.host), 'anonymous');
      assert.deepEqual(told, [`${registry.host} ${broken.message}`]);
    });

    it('names the store where a registry lets nobody in, by whichever refusal', async () => {
      const { registry: closed } = await startPair(() => ({ status: 401, body: '{}' }));
      const { registry: refusing, valid } = await startPair(() => ({ token: 'too-little' }));
      valid.add = () => valid;
      const basic = await start(() => basicChallenge);
      for (const { host } of [closed, refusing, basic]) {
        const { ask } = withBrokenStore();
        await assert.rejects(ask(host), broken);
      }
    });

    it('passes other failures of a lookup on', async () => {
      const { registry } = await startPair(() => ({ token: 'for-anyone' }));
      const failure = new NetworkError('sign-in.example', 'ENOTFOUND', 'no such host');
      const transport = testTransport({ credentials: { credentialFor: () => Promise.reject(failure) } });
      await assert.rejects(transport.send({ method: 'GET', host: registry.host, path: '/v2/' }), failure);
    });
  });

  it('is forgotten for all the names of Docker Hub at once', async () => {
    const server = await start(({ headers }) => (headers.authorization ? {} : basicChallenge));
    const [address = '', port = ''] = server.host.split(':');
    let asked = 0;
    const transport = testTransport({
      credentials: { credentialFor: async () => (asked++, testCredential) },
      endpoint: { resolve: { address, port: Number(port) } },
    });
    const send = async (host: string) =>
      (await transport.send({ method: 'GET', host, path: '/v2/' })).body.resume();
    const names = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];
    for (const name of names) await send(name);
    assert.equal(asked, 3);
    transport.forget('docker.io');
    for (const name of names) await send(name);
    assert.equal(asked, 6);
  });

  describe('of a request that brings its own', () => {
    it('answers no challenge, looks up no credential, and passes 401 on', async () => {
      const server = await start(() => basicChallenge);
      const { send } = client(testCredential);
      const headers = { Authorization: 'Bearer own' };
      const { status } = await send(server.host, { ownSignIn: true, headers });
      assert.equal(status, 401);
      assert.equal((await send(server.host, { ownSignIn: true })).status, 401);
      assert.deepEqual(
        server.seen.map((request) => request.headers.authorization),
        ['Bearer own', undefined],
      );
    });

    it('tells the token server that a registry named, for an API on the same host', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'one' }));
      const { send, transport } = client();
      assert.equal(transport.tokenServer(registry.host), undefined);
      await send(registry.host);
      assert.equal(transport.tokenServer(registry.host)?.host, issuer.host);
      transport.forget(registry.host);
      assert.equal(transport.tokenServer(registry.host), undefined);
    });
  });

  describe('with Basic', () => {
    it('sends nothing before it is asked, and then with each request', async () => {
      const registry = await start(({ headers }) => (headers.authorization ? {} : basicChallenge));
      const { send } = client(testCredential);
      assert.equal((await send(registry.host)).access, 'credentials');
      assert.equal((await send(registry.host)).access, 'credentials');
      assert.deepEqual(
        registry.seen.map(({ headers }) => headers.authorization),
        [undefined, basicHeader, basicHeader],
      );
    });

    it('says that there were no credentials to send', async () => {
      const registry = await start(() => basicChallenge);
      await assert.rejects(client().send(registry.host), isSignInRequired(false, 401));
      assert.equal(registry.seen.length, 1);
    });

    it('sends refused credentials once only', async () => {
      const registry = await start(() => basicChallenge);
      const { send } = client(testCredential);
      await assert.rejects(send(registry.host), isSignInRequired(true, 401));
      assert.equal(registry.seen.length, 2);
      await assert.rejects(send(registry.host), isSignInRequired(true, 401));
      assert.equal(registry.seen.length, 3);
    });

    it('takes 403 for a refusal, with the reason given', async () => {
      const body = '{"errors":[{"code":"DENIED","message":"not for you"}]}';
      const registry = await start(() => ({ status: 403, body }));
      await assert.rejects(client(testCredential).send(registry.host), (error) => {
        assert.ok(isSignInRequired(false, 403)(error));
        return error instanceof SignInRequiredError && /not for you/.test(error.message);
      });
    });

    it('starts without credentials again once the host is forgotten', async () => {
      const registry = await start(({ headers }) => (headers.authorization ? {} : basicChallenge));
      const { send, transport } = client(testCredential);
      await send(registry.host);
      transport.forget(registry.host);
      await send(registry.host);
      assert.equal(registry.seen.filter(({ headers }) => headers.authorization === undefined).length, 2);
    });

    it('asks where credentials come from again after a refusal', async () => {
      let password = 'old';
      const registry = await start(({ headers }) =>
        headers.authorization === basicHeader ? {} : basicChallenge,
      );
      const transport = createTransport({
        credentials: {
          credentialFor: async () => ({ kind: 'basic', username: 'tester', password }),
        },
        endpointFor: async (host) => ({ host, plainHttp: true, insecure: false }),
        log: () => undefined,
        userAgent: 'test',
      });
      const request = { method: 'GET', host: registry.host, path: '/v2/' } as const;
      await assert.rejects(transport.send(request), SignInRequiredError);
      password = 's3cret:battery';
      assert.equal((await transport.send(request)).status, 200);
    });
  });

  describe('with Bearer', () => {
    it('asks the token server with the scopes of the request, and uses the token again', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'abc' }));
      const { send } = client(testCredential);
      const scopes = ['repository:b:push,pull', 'repository:a:pull'];
      assert.equal((await send(registry.host, { scopes })).access, 'credentials');
      await send(registry.host, { scopes });
      assert.deepEqual(issuer.lines(), [
        'GET /token?kept=1&service=the+registry&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush',
      ]);
      assert.equal(issuer.seen[0]?.headers.authorization, basicHeader);
      assert.deepEqual(
        registry.seen.map(({ headers }) => headers.authorization),
        [undefined, 'Bearer abc', 'Bearer abc'],
      );
    });

    it('gets a token without being refused first, once it knows the token server', async () => {
      const { issuer, registry } = await startPair((_request, count) => ({ token: `t${count}` }));
      const { send } = client(testCredential);
      await send(registry.host, { scopes: ['repository:a:pull'] });
      await send(registry.host, { scopes: ['repository:b:pull'] });
      assert.equal(issuer.seen.length, 2);
      assert.equal(registry.seen.length, 3);
    });

    it('gets a token as a stranger when there are no credentials', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'abc' }));
      assert.equal((await client().send(registry.host)).access, 'anonymous');
      assert.equal(issuer.seen[0]?.headers.authorization, undefined);
    });

    it('takes access_token before token', async () => {
      const { registry } = await startPair(() => ({ access_token: 'right', token: 'wrong' }));
      await client().send(registry.host);
      assert.equal(registry.seen[1]?.headers.authorization, 'Bearer right');
    });

    it('asks for the scopes that the registry names too', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'abc' }), 'repository:a:pull,push');
      await client().send(registry.host, { scopes: ['repository:a:pull'] });
      assert.match(issuer.lines()[0] ?? '', /scope=repository%3Aa%3Apull%2Cpush$/);
    });

    it('exchanges an identity token by POST', async () => {
      const { issuer, registry } = await startPair(() => ({ access_token: 'abc' }));
      await client({ kind: 'identityToken', token: 'refresh me' }).send(registry.host, {
        scopes: ['repository:a:pull'],
      });
      assert.equal(issuer.lines()[0], 'POST /token?kept=1');
      assert.deepEqual(Object.fromEntries(new URLSearchParams(issuer.seen[0]?.body.toString())), {
        grant_type: 'refresh_token',
        client_id: 'oci-artifacts',
        service: 'the registry',
        scope: 'repository:a:pull',
        refresh_token: 'refresh me',
      });
    });

    it('names no token server that is refused, where a ready token let in', async () => {
      const challenge = 'Bearer realm="http://169.254.169.254/token"';
      const registry = await start(({ headers }) =>
        headers.authorization ? {} : { status: 401, headers: { 'WWW-Authenticate': challenge } },
      );
      const transport = testTransport({ credential: { kind: 'registryToken', token: 'ready' } });
      assert.deepEqual(await new Registry(registry.host, transport).ping(), { access: 'credentials' });
      assert.equal(transport.tokenServer(registry.host), undefined);
    });

    it('sends a registry token as it is', async () => {
      const { issuer, registry, valid } = await startPair(() => ({ token: 'unused' }));
      valid.add('Bearer ready-made');
      await client({ kind: 'registryToken', token: 'ready-made' }).send(registry.host);
      assert.equal(issuer.seen.length, 0);
    });

    it('fetches one token for requests that start together', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'abc' }));
      const { send } = client(testCredential);
      await Promise.all(
        Array.from({ length: 5 }, () => send(registry.host, { scopes: ['repository:a:pull'] })),
      );
      assert.equal(issuer.seen.length, 1);
    });

    it('renews a token that is refused, once', async () => {
      const { issuer, registry, valid } = await startPair((_request, count) => ({ token: `t${count}` }));
      const { send } = client(testCredential);
      await send(registry.host);
      valid.clear();
      await send(registry.host);
      assert.equal(issuer.seen.length, 2);
    });

    /** Answers of the token server give tokens of ten minutes, each another. */
    const renewsBeforeTenMinutes = async (answer: (count: number) => object) => {
      const { issuer, registry } = await startPair((_request, count) => answer(count));
      const { send, clock } = client(testCredential);
      await send(registry.host);
      clock.advance(500_000);
      await send(registry.host);
      assert.equal(issuer.seen.length, 1);
      clock.advance(80_000);
      await send(registry.host);
      assert.equal(issuer.seen.length, 2);
    };

    it('renews a token before it ends', () =>
      renewsBeforeTenMinutes((count) => ({ token: `t${count}`, expires_in: 600 })));

    const DAY_MS = 24 * 60 * 60 * 1000;
    for (const [jump, jumpMs] of Object.entries({ ahead: DAY_MS, back: -DAY_MS })) {
      it(`renews a token that ended while the clock jumped a day ${jump}, once`, async () => {
        const { issuer, registry, valid } = await startPair((_request, count) => ({
          token: `t${count}`,
          expires_in: 600,
        }));
        const { send, clock } = client(testCredential);
        await send(registry.host);
        clock.advance(jumpMs);
        valid.clear();
        for (let times = 0; times < 2; times++) assert.equal((await send(registry.host)).status, 200);
        assert.equal(issuer.seen.length, 2);
      });
    }

    it('takes a minute for the life of a token that does not say', async () => {
      const { issuer, registry } = await startPair((_request, count) => ({ token: `t${count}` }));
      const { send, clock } = client(testCredential);
      await send(registry.host);
      clock.advance(50_000);
      await send(registry.host);
      assert.equal(issuer.seen.length, 2);
    });

    it('takes the life that a token tells of itself where the answer does not', () => {
      const claims = Buffer.from(JSON.stringify({ iat: 1_000, exp: 1_600 })).toString('base64url');
      return renewsBeforeTenMinutes((count) => ({ token: `e30.${claims}.sig${count}` }));
    });

    for (const claims of [{ iat: 5, exp: 5 }, { exp: 9_999_999_999 }, { iat: '1', exp: '600' }]) {
      it(`takes a minute where its claims are ${JSON.stringify(claims)}`, async () => {
        const token = `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
        const { issuer, registry } = await startPair((_request, count) => ({ token: `${token}${count}` }));
        const { send, clock } = client(testCredential);
        await send(registry.host);
        clock.advance(50_000);
        await send(registry.host);
        assert.equal(issuer.seen.length, 2);
      });
    }

    it('asks for a scope without a colon as it is named', async () => {
      const { issuer, registry } = await startPair(() => ({ token: 'abc' }), 'aws');
      await client(testCredential).send(registry.host);
      await client({ kind: 'identityToken', token: 'mine' }).send(registry.host);
      assert.match(issuer.lines()[0] ?? '', /&scope=aws$/);
      assert.equal(new URLSearchParams(issuer.seen[1]?.body.toString()).get('scope'), 'aws');
    });

    for (const realm of ['""', '" "', '"https://"', '"http://["', 'https:///']) {
      it(`takes a realm for no challenge that is ${realm}`, async () => {
        const bearer = `Bearer realm=${realm},service="x"`;
        const alone = await start(() => ({ status: 401, headers: { 'WWW-Authenticate': bearer } }));
        await assert.rejects(client(testCredential).send(alone.host), isSignInRequired(false, 401));
        assert.equal(alone.seen.length, 1);
        const { issuer } = await startPair(() => ({ token: 'abc' }));
        for (const [other, sent] of [
          ['Basic realm="x"', basicHeader],
          [`Bearer realm="http://${issuer.host}/token"`, 'Bearer abc'],
        ] as const) {
          const both = { status: 401, headers: { 'WWW-Authenticate': `${bearer}, ${other}` } };
          const server = await start(({ headers }) => (headers.authorization ? {} : both));
          await client(testCredential).send(server.host);
          assert.equal(server.seen[1]?.headers.authorization, sent);
        }
      });
    }

    it('follows a redirect of a token server within its origin, with the credentials', async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const { issuer, registry } = await startPair(({ line }) =>
          line.includes('/moved') ? { token: 'abc' } : { status, headers: { Location: '/moved?kept=2' } },
        );
        await client(testCredential).send(registry.host);
        assert.equal(issuer.lines()[1], 'GET /moved?kept=2');
        assert.equal(issuer.seen[1]?.headers.authorization, basicHeader);
      }
    });

    it('sends an identity token on within the origin by POST, and never makes a GET of it', async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        const { issuer, registry } = await startPair(({ line }) =>
          line.includes('/moved') ? { access_token: 'abc' } : { status, headers: { Location: '/moved' } },
        );
        const answer = client({ kind: 'identityToken', token: 'mine' }).send(registry.host);
        if (status < 307) await assert.rejects(answer, isRegistryError(status));
        else await answer;
        const moved = issuer.seen.slice(1);
        assert.deepEqual(
          moved.map(
            ({ line, body }) => `${line} ${new URLSearchParams(body.toString()).get('refresh_token')}`,
          ),
          status < 307 ? [] : ['POST /moved mine'],
        );
      }
    });

    it('gives up on a token server that redirects without end', async () => {
      const { issuer, registry } = await startPair(({ line }) => ({
        status: 302,
        headers: { Location: `${line.split(' ')[1]}&more` },
      }));
      await assert.rejects(client(testCredential).send(registry.host), isRegistryError(302));
      assert.ok(issuer.seen.length < 10);
    });

    it('says that the token server refused the credentials', async () => {
      const { registry } = await startPair(() => ({ status: 401, body: '{"details":"incorrect password"}' }));
      await assert.rejects(client(testCredential).send(registry.host), isSignInRequired(true, 401));
    });

    it('follows no redirect of a token server to another origin, with whatever credentials', async () => {
      const elsewhere = await start(() => ({ body: '{"token":"abc"}' }));
      const headers = { Location: `http://${elsewhere.host}/token` };
      for (const status of [301, 302, 303, 307, 308]) {
        const { registry } = await startPair(() => ({ status, headers }));
        for (const credential of [
          testCredential,
          { kind: 'identityToken', token: 'mine' } as const,
          undefined,
        ]) {
          await assert.rejects(client(credential).send(registry.host), isRegistryError(status));
        }
      }
      assert.deepEqual(elsewhere.seen, []);
    });

    it('reports a token server that fails', async () => {
      const { registry, issuer } = await startPair(() => ({ status: 500 }));
      await assert.rejects(
        client(testCredential).send(registry.host),
        (error) =>
          error instanceof RegistryError && error.status === 500 && error.failure.url.includes(issuer.host),
      );
      assert.equal(issuer.seen.length, 5);
    });

    it('tries a token server that cuts connections five times, not five times five', async () => {
      const { registry, issuer } = await startPair(() => ({ status: 200, cut: true }));
      await assert.rejects(client(testCredential).send(registry.host), NetworkError);
      assert.equal(issuer.seen.length, 5);
    });

    for (const [title, body, reason] of [
      ['too large', ' '.repeat(128 * 1024 + 1), /larger than 131072 bytes/],
      ['not JSON', 'a secret <token>', /not a JSON object/],
      ['without a token', '{"token":""}', /holds no token/],
      ['with a token that would break a header', '{"token":"a\\r\\nX: y"}', /holds no token/],
    ] as const) {
      it(`refuses an answer that is ${title}`, async () => {
        const { registry } = await startPair(() => ({ status: 200, body }));
        await assert.rejects(client().send(registry.host), (error) => {
          assert.ok(error instanceof Error && !/secret/.test(error.message));
          return reason.test(error.message);
        });
      });
    }

    it('prefers Bearer where both are offered', async () => {
      const { issuer } = await startPair(() => ({ token: 'abc' }));
      const challenge = `Basic realm="x", Bearer realm="http://${issuer.host}/token"`;
      const registry = await start(({ headers }) =>
        headers.authorization ? {} : { status: 401, headers: { 'WWW-Authenticate': challenge } },
      );
      await client(testCredential).send(registry.host);
      assert.equal(registry.seen[1]?.headers.authorization, 'Bearer abc');
    });
  });

  it('stops waiting for a token when it is aborted, without ending it for others', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { registry } = await startPair(() => {
      controller.abort(reason);
      return { token: 'abc' };
    });
    const transport = testTransport({ credential: testCredential });
    const request = { method: 'GET', host: registry.host, path: '/v2/' } as const;
    const stopped = transport.send(request, { signal: controller.signal });
    const other = transport.send(request);
    await assert.rejects(stopped, reason);
    assert.equal((await other).status, 200);
  });
});

function isSignInRequired(credentialsSent: boolean, status: number) {
  return (error: unknown) =>
    error instanceof SignInRequiredError &&
    error.credentialsSent === credentialsSent &&
    error.status === status;
}

function isRegistryError(status: number) {
  return (error: unknown) => error instanceof RegistryError && error.status === status;
}
