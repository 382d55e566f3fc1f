import assert from 'node:assert/strict';
import type { Credential } from '../../../src/oci/credential';
import { SignInRequiredError } from '../../../src/oci/errors';
import { Registry } from '../../../src/targets/registry/registry';
import { createTransport } from '../../../src/transport/createTransport';
import { withSignInAgain } from '../../../src/transport/signInAgain';
import { SignInQuestions, type SignInQuestion } from '../../../src/transport/signInQuestions';
import { sourceOf, textBlob } from '../../support/artifacts';
import { startScriptedServer, type ScriptedServer, type SeenRequest } from '../../support/scriptedServer';

/** A registry that takes one password, a client that has another, and a person who can be asked. */
class Scene {
  readonly asked: SignInQuestion[] = [];
  password = 'old';
  taken = 'new';
  /** What the person does; true says that they signed in. */
  person: () => Promise<boolean> = async () => {
    this.password = this.taken;
    return true;
  };
  server!: ScriptedServer;
  readonly inner = createTransport({
    credentials: { credentialFor: async () => this.credential },
    endpointFor: async (host) => ({ host, plainHttp: true, insecure: false }),
    log: () => undefined,
    userAgent: 'test',
    random: () => 0,
  });
  readonly questions = new SignInQuestions(async (question, { signal }) => {
    this.asked.push(question);
    this.signal = signal;
    const yes = await this.person();
    this.inner.forget(this.server.host);
    return yes;
  });
  signal: AbortSignal | undefined;

  get credential(): Credential {
    return { kind: 'basic', username: 'tester', password: this.password };
  }

  async start(): Promise<void> {
    this.server = await startScriptedServer((request) => this.answer(request));
  }

  transport(during = 'Pushing x') {
    return withSignInAgain(this.inner, this.questions, during);
  }

  send(path = '/v2/', options = {}, transport = this.transport()) {
    return transport.send({ method: 'GET', host: this.server.host, path }, options);
  }

  private answer({ headers, line }: SeenRequest) {
    const expected = `Basic ${Buffer.from(`tester:${this.taken}`).toString('base64')}`;
    if (headers.authorization !== expected)
      return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
    if (line.startsWith('POST')) return { status: 202, headers: { Location: `${line.split(' ')[1]}1` } };
    return { status: line.startsWith('PUT') ? 201 : 200 };
  }
}

describe('Sign in again', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = new Scene();
    await scene.start();
  });
  afterEach(() => scene.server.stop());

  it('sends a refused request again once the person signed in', async () => {
    assert.equal((await scene.send()).status, 200);
    assert.equal(scene.asked.length, 1);
    assert.equal(scene.asked[0]?.during, 'Pushing x');
    assert.equal(scene.asked[0]?.error.credentialsSent, true);
  });

  it('asks nobody as long as nothing is refused', async () => {
    scene.password = 'new';
    await scene.send();
    assert.deepEqual(scene.asked, []);
  });

  it('asks once for all requests that fail together, of several operations too', async () => {
    const answers = await Promise.all([
      scene.send('/v2/a'),
      scene.send('/v2/b'),
      scene.send('/v2/c', {}, scene.transport('Pulling y')),
      scene.send('/v2/d', {}, scene.transport('Pulling z')),
    ]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(scene.asked.length, 1);
  });

  it('asks nothing about a refusal from before the sign-in', async () => {
    let refuseLate: (error: Error) => void = () => undefined;
    const refusal = await scene.inner.send({ method: 'GET', host: scene.server.host, path: '/v2/' }).then(
      () => assert.fail('it was not refused'),
      (error: unknown) => error as Error,
    );
    let sends = 0;
    const slow = withSignInAgain(
      {
        ...scene.inner,
        send: (request, options) =>
          ++sends === 1
            ? new Promise((_, reject) => (refuseLate = reject))
            : scene.inner.send(request, options),
      },
      scene.questions,
      'Pushing slowly',
    );
    const late = scene.send('/v2/late', {}, slow);
    await scene.send('/v2/early');
    refuseLate(refusal);
    assert.equal((await late).status, 200);
    assert.equal(scene.asked.length, 1);
  });

  it('fails with the refusal after a no, and asks no more in that operation', async () => {
    scene.person = async () => false;
    const transport = scene.transport();
    await assert.rejects(scene.send('/v2/a', {}, transport), SignInRequiredError);
    await assert.rejects(scene.send('/v2/b', {}, transport), SignInRequiredError);
    assert.equal(scene.asked.length, 1);
    await assert.rejects(scene.send('/v2/c'), SignInRequiredError);
    assert.equal(scene.asked.length, 2);
  });

  it('fails with the second refusal', async () => {
    scene.person = async () => {
      scene.password = 'wrong as well';
      return true;
    };
    await assert.rejects(scene.send(), SignInRequiredError);
    assert.equal(scene.asked.length, 1);
  });

  it('asks once where the start of an upload is what is refused, whatever the answer', async () => {
    const blob = textBlob('content');
    const push = () =>
      new Registry(scene.server.host, scene.transport())
        .repository('x')
        .push(blob.descriptor, sourceOf(blob.bytes));
    for (const answer of [false, true]) {
      scene.person = async () => answer;
      await assert.rejects(push(), SignInRequiredError);
    }
    assert.equal(scene.asked.length, 2);
  });

  it('takes back the bytes of the refused try', async () => {
    const moved: number[] = [];
    const request = {
      method: 'PUT',
      host: scene.server.host,
      path: '/v2/x/blobs/uploads/1',
      body: { sizeBytes: 7, content: sourceOf(Buffer.from('content')) },
    } as const;
    const response = await scene.transport().send(request, { onBytes: (delta) => moved.push(delta) });
    assert.equal(response.status, 201);
    assert.equal(scene.server.seen.at(-1)?.body.toString(), 'content');
    assert.ok(moved.some((delta) => delta < 0));
    assert.equal(
      moved.reduce((sum, delta) => sum + delta, 0),
      7,
    );
  });

  it('asks nobody where the caller goes on without: a mount', async () => {
    const target = new Registry(scene.server.host, scene.transport()).repository('x');
    assert.equal(await target.mount(textBlob('content').descriptor, 'y'), false);
    assert.deepEqual(scene.asked, []);
  });

  it('asks nobody about other failures', async () => {
    await scene.server.stop();
    await assert.rejects(scene.send(), (error) => !(error instanceof SignInRequiredError));
    assert.deepEqual(scene.asked, []);
  });

  it('stops to wait when it is aborted, and lets the others wait on', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    let signIn: () => void = () => undefined;
    const begun = new Promise<void>((begin) => {
      scene.person = async () => {
        begin();
        await new Promise<void>((resolve) => (signIn = resolve));
        scene.password = 'new';
        return true;
      };
    });
    const other = scene.send('/v2/b');
    const aborted = scene.send('/v2/a', { signal: controller.signal });
    await begun;
    controller.abort(reason);
    await assert.rejects(aborted, reason);
    assert.equal(scene.signal?.aborted, false);
    signIn();
    assert.equal((await other).status, 200);
    assert.equal(scene.asked.length, 1);
  });

  it('tells the question when nobody waits any more, and asks anew after that', async () => {
    const controller = new AbortController();
    scene.person = async () => {
      controller.abort();
      return new Promise(() => undefined);
    };
    await assert.rejects(scene.send('/v2/a', { signal: controller.signal }), { name: 'AbortError' });
    assert.equal(scene.signal?.aborted, true);
    scene.person = async () => {
      scene.password = 'new';
      return true;
    };
    assert.equal((await scene.send('/v2/b')).status, 200);
    assert.equal(scene.asked.length, 2);
  });
});
