import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Credential } from '../../src/oci/credential';
import type { Descriptor } from '../../src/oci/descriptor';
import { digestOf } from '../../src/oci/digest';
import { SignInRequiredError } from '../../src/oci/errors';
import { mediaTypes } from '../../src/oci/mediaTypes';
import type { ContentSource, FileSource, LocalFile } from '../../src/oci/target';
import { planPull } from '../../src/operations/planPull';
import { pull } from '../../src/operations/pull';
import { push } from '../../src/operations/push';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { createTransport } from '../../src/transport/createTransport';
import { withSignInAgain } from '../../src/transport/signInAgain';
import { SignInQuestions, type SignInQuestion } from '../../src/transport/signInQuestions';
import type { RequestLogEntry } from '../../src/transport/transport';
import { sourceOf, textBlob } from '../support/artifacts';
import { startCuttingProxy } from '../support/cuttingProxy';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testCredential } from '../support/testTransport';
import { startTokenIssuer, testIdentityToken, type TokenIssuer } from '../support/tokenIssuer';

const MIB = 1024 * 1024;
const { username } = testAccount;

describe('Sign-in that ends during work, against docker-registry', function () {
  this.timeout(60_000);
  const cleanups: (() => Promise<void>)[] = [];
  before(function () {
    peerOrSkip(this, 'docker-registry');
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function start(auth: 'htpasswd' | TokenIssuer): Promise<DockerRegistry> {
    const registry = await startDockerRegistry({ auth });
    cleanups.push(() => registry.stop());
    return registry;
  }

  async function startIssuer(...options: Parameters<typeof startTokenIssuer>): Promise<TokenIssuer> {
    const issuer = await startTokenIssuer(...options);
    cleanups.push(() => issuer.stop());
    return issuer;
  }

  async function scratch(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'oci-sign-in-again-'));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Files of random bytes, so that each is a blob of its own. */
  async function files(count: number, sizeBytes: number): Promise<LocalFile[]> {
    const folder = await scratch();
    const made = Array.from({ length: count }, (_, at) => ({
      title: `part-${at}.bin`,
      path: path.join(folder, `part-${at}.bin`),
    }));
    for (const file of made) await writeFile(file.path, randomBytes(sizeBytes));
    return made;
  }

  describe('password changed', () => {
    it('four uploads are refused together: one question, then the push goes on and sends nothing twice', async () => {
      const registry = await start('htpasswd');
      const client = clientOf(registry.host, async (sign) => sign(password('changed')));
      const local = new LocalFiles();
      const source = new GatedFiles(local, 4, () => registry.setPassword('changed'));
      const reported: number[] = [];
      const { descriptor } = await push(source, client.repository('four/uploads'), {
        files: await files(4, MIB),
        artifactType: 'application/vnd.example.test.v1',
        tags: ['v1'],
        concurrency: 4,
        onProgress: ({ doneBytes, totalBytes }) => reported.push(doneBytes / totalBytes),
      });
      assert.equal(client.asked.length, 1);
      assert.equal(client.asked[0]?.error.credentialsSent, true);
      assert.equal((await client.repository('four/uploads').resolve('v1')).digest, descriptor.digest);
      const stored = client.puts(/blobs\/uploads/, 201);
      assert.equal(stored.length, new Set(stored.map(digestIn)).size);
      assert.equal(reported.at(-1), 1);
    });

    it('what was sent before the refusal is not sent again', async () => {
      const registry = await start('htpasswd');
      const client = clientOf(registry.host, async (sign) => sign(password('changed')));
      let opened = 0;
      const source = new GatedFiles(new LocalFiles(), 1, async () => {
        if (++opened === 3) await registry.setPassword('changed');
      });
      await push(source, client.repository('one/by/one'), {
        files: await files(4, 1024),
        artifactType: 'application/vnd.example.test.v1',
        tags: ['v1'],
        concurrency: 1,
      });
      assert.equal(client.asked.length, 1);
      const stored = client.puts(/blobs\/uploads/, 201).map(digestIn);
      assert.equal(stored.length, 5);
      assert.equal(new Set(stored).size, 5);
      assert.equal(client.puts(/blobs\/uploads/, 401).length, 1);
    });

    it('a no is the refusal, once, and the last question', async () => {
      const registry = await start('htpasswd');
      const client = clientOf(registry.host, async () => false);
      const source = new GatedFiles(new LocalFiles(), 4, () => registry.setPassword('changed'));
      const pushed = push(source, client.repository('refused'), {
        files: await files(4, MIB),
        artifactType: 'application/vnd.example.test.v1',
        tags: ['v1'],
        concurrency: 4,
      });
      await assert.rejects(pushed, (error) => error instanceof SignInRequiredError && error.credentialsSent);
      assert.equal(client.asked.length, 1);
    });

    it('a pull that was cut, and is refused when it goes on, resumes behind the last byte', async () => {
      const registry = await start('htpasswd');
      const proxy = await startCuttingProxy(registry.host);
      cleanups.push(() => proxy.stop());
      const client = clientOf(proxy.host, async (sign) => sign(password('changed')));
      const target = client.repository('cut/pull');
      const [file] = await files(1, 8 * MIB);
      assert.ok(file);
      const artifact = { files: [file], artifactType: 'application/vnd.example.test.v1', tags: ['v1'] };
      await push(new LocalFiles(), target, artifact);
      const plan = await planPull(target, 'v1');
      proxy.cutAfter(3 * MIB, () => registry.setPassword('changed'));
      const into = path.join(await scratch(), 'into');
      await mkdir(into);
      await pull(target, plan, new FolderSink(into), { policy: 'overwrite' });
      assert.equal(client.asked.length, 1);
      assert.deepEqual(await readFile(path.join(into, file.title)), await readFile(file.path));
      const answers = client.log.filter(({ method, url }) => method === 'GET' && /blobs/.test(url));
      assert.equal(answers.at(-1)?.outcome, 206);
      assert.ok(answers.some(({ outcome }) => outcome === 401));
    });
  });

  describe('tokens', () => {
    const push2 = async (client: Client, between: () => Promise<void>) => {
      const target = client.repository('private/between');
      const blobs = [textBlob('first'), textBlob('second')] as const;
      await target.push(blobs[0].descriptor, sourceOf(blobs[0].bytes));
      await between();
      await target.push(blobs[1].descriptor, sourceOf(blobs[1].bytes));
      for (const { descriptor } of blobs) assert.equal(await target.exists(descriptor), true);
    };

    it('that ends between two blobs is renewed without a question', async () => {
      const issuer = await startIssuer({ takenForSeconds: 2 });
      const registry = await start(issuer);
      const client = clientOf(registry.host);
      await push2(client, async () => {
        await untilRefused(registry.host, issuer);
        issuer.change({ takenForSeconds: 300 });
      });
      assert.deepEqual(client.asked, []);
      assert.equal(client.outcomes.filter((outcome) => outcome === 401).length, 2);
    });

    it('that ends while a large blob is on its way does not matter to it, and is renewed for what follows', async () => {
      const issuer = await startIssuer({ takenForSeconds: 2 });
      const registry = await start(issuer);
      const client = clientOf(registry.host);
      const bytes = randomBytes(16 * MIB);
      const slow: ContentSource = {
        open: async () =>
          Readable.from(
            (async function* () {
              yield bytes.subarray(0, 8 * MIB);
              await untilRefused(registry.host, issuer);
              issuer.change({ takenForSeconds: 300 });
              yield bytes.subarray(8 * MIB);
            })(),
            { objectMode: false },
          ),
      };
      const large = described(bytes);
      const target = client.repository('private/slow');
      await target.push(large, slow);
      assert.deepEqual(await buffer(await target.fetch(large)), bytes);
      assert.deepEqual(client.asked, []);
      assert.equal(client.puts(/blobs\/uploads/, 201).length, 1);
      assert.ok(issuer.tokens.length >= 2);
    });

    it('that ends between the start of an upload and its bytes is renewed without a question', async () => {
      const issuer = await startIssuer({ takenForSeconds: 2 });
      const registry = await start(issuer);
      const client = clientOf(registry.host);
      const bytes = randomBytes(32 * MIB);
      let opens = 0;
      let movedBytes = 0;
      const late: ContentSource = {
        open: async () => {
          if (++opens === 1) await untilRefused(registry.host, issuer);
          issuer.change({ takenForSeconds: 300 });
          return sourceOf(bytes).open();
        },
      };
      const target = client.repository('private/late');
      const large = described(bytes);
      await target.push(large, late, { onBytes: (delta) => (movedBytes += delta) });
      assert.deepEqual(await buffer(await target.fetch(large)), bytes);
      assert.ok(opens >= 2);
      assert.equal(movedBytes, bytes.length);
      assert.deepEqual(client.asked, []);
    });

    it('of an identity token that was revoked: one question, and the work goes on', async () => {
      const issuer = await startIssuer({ takenForSeconds: 2 });
      const registry = await start(issuer);
      const renewed: Credential = { kind: 'identityToken', token: 'another identity token' };
      const client = clientOf(registry.host, async (sign) => sign(renewed), identity);
      await push2(client, async () => {
        await untilRefused(registry.host, issuer);
        issuer.change({ identityToken: 'another identity token', takenForSeconds: 300 });
      });
      assert.equal(client.asked.length, 1);
      assert.equal(client.asked[0]?.error.credentialsSent, true);
    });

    it('of an identity token that was revoked: a second refusal is the error', async () => {
      const issuer = await startIssuer({ takenForSeconds: 2 });
      const registry = await start(issuer);
      const client = clientOf(
        registry.host,
        async (sign) => sign({ ...identity, token: 'still wrong' }),
        identity,
      );
      await assert.rejects(
        push2(client, async () => {
          await untilRefused(registry.host, issuer);
          issuer.change({ identityToken: 'another identity token' });
        }),
        SignInRequiredError,
      );
      assert.equal(client.asked.length, 1);
    });
  });
});

const identity = { kind: 'identityToken', token: testIdentityToken } as const;
const password = (text: string): Credential => ({ kind: 'basic', username, password: text });

type Client = ReturnType<typeof clientOf>;
/** What the person does when asked; `sign` is signing in. */
type Person = (sign: (credential: Credential) => boolean) => Promise<boolean>;

/** A registry as an operation opens it, with what was asked and sent. */
function clientOf(host: string, person: Person = async () => false, first: Credential = testCredential) {
  let credential = first;
  const asked: SignInQuestion[] = [];
  const log: RequestLogEntry[] = [];
  const inner = createTransport({
    credentials: { credentialFor: async () => credential },
    endpointFor: async (name) => ({ host: name, plainHttp: true, insecure: false }),
    log: (entry) => log.push(entry),
    userAgent: 'oci-artifacts-test',
  });
  const questions = new SignInQuestions(async (question) => {
    asked.push(question);
    return person((signedIn) => {
      credential = signedIn;
      inner.forget(host);
      return true;
    });
  });
  const registry = new Registry(host, withSignInAgain(inner, questions, 'Working'));
  return {
    asked,
    log,
    get outcomes() {
      return log.map(({ outcome }) => outcome);
    },
    puts: (url: RegExp, outcome: number) =>
      log.filter((entry) => entry.method === 'PUT' && url.test(entry.url) && entry.outcome === outcome),
    repository: (name: string) => registry.repository(name),
  };
}

/** Files whose contents are opened together: the first `count` wait for each other, then for `gate`, once. */
class GatedFiles implements FileSource {
  private waiting = 0;
  private release: () => void = () => undefined;
  private opened = new Promise<void>((resolve) => (this.release = resolve));

  constructor(
    private readonly files: LocalFiles,
    private readonly count: number,
    private readonly gate: () => Promise<unknown>,
  ) {}

  add(...args: Parameters<LocalFiles['add']>) {
    return this.files.add(...args);
  }

  measure(...args: Parameters<LocalFiles['measure']>) {
    return this.files.measure(...args);
  }

  content(descriptor: Descriptor): ContentSource {
    const inner = this.files.content(descriptor);
    return {
      open: async (options) => {
        this.waiting++;
        if (this.waiting === this.count || this.count === 1) {
          await this.gate();
          this.release();
        }
        await this.opened;
        return inner.open(options);
      },
    };
  }
}

function described(bytes: Buffer): Descriptor {
  return { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size: bytes.length };
}

function digestIn({ url }: RequestLogEntry): string | null {
  return new URL(url).searchParams.get('digest');
}

/** Waits until the registry refuses the token that was given last: a real clock decides it. */
async function untilRefused(host: string, issuer: TokenIssuer): Promise<void> {
  const headers = { Authorization: `Bearer ${issuer.tokens.at(-1) ?? ''}` };
  while ((await fetch(`http://${host}/v2/`, { headers })).status !== 401) await delay(50);
}
