import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../src/oci/descriptor';
import { FileError, NetworkError, SignInRequiredError } from '../../src/oci/errors';
import { parseManifest } from '../../src/oci/manifest';
import type { LocalFile, TransferOptions } from '../../src/oci/target';
import { pushBlob } from '../../src/operations/blob';
import { push, type PushOptions, type PushResult } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { UploadWays } from '../../src/targets/registry/uploadWays';
import { UploadSessionFiles } from '../../src/targets/transfers/uploadSessionFiles';
import { startCappingProxy } from '../support/cappingProxy';
import { startCuttingProxy } from '../support/cuttingProxy';
import { startDistribution, startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { startFaultyProxy } from '../support/faultyProxy';
import { startGoRegistry } from '../support/goRegistry';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { peerOrSkip } from '../support/peers';
import { testCredential, testTransport } from '../support/testTransport';
import { startTokenIssuer } from '../support/tokenIssuer';

const MIB = 1024 * 1024;
const FILE_BYTES = 24 * MIB;
const PATIENCE_MS = 15_000;
const REPOSITORY = 'demo/early';

interface Running {
  readonly host: string;
  stop(): Promise<unknown>;
}

interface Kind {
  readonly name: string;
  readonly peer?: Parameters<typeof peerOrSkip>[1];
  /** `uploads` lists what is begun at the registry and not stored, where it is on a disk. */
  readonly start: () => Promise<Running & { readonly uploads?: () => Promise<readonly string[]> }>;
  /** Goes on with no upload that was cut. */
  readonly losesUploads?: true;
}

const kinds: readonly Kind[] = [
  {
    name: 'the embedded registry',
    start: async () => {
      const registry = await startEmbeddedRegistry();
      return { ...registry, uploads: () => listed(path.join(registry.root, '.uploads')) };
    },
  },
  {
    name: 'docker-registry 2.8',
    peer: 'docker-registry',
    start: async () => withUploads(await startDockerRegistry()),
    losesUploads: true,
  },
  { name: 'distribution 3', peer: 'distribution', start: async () => withUploads(await startDistribution()) },
  {
    name: "go-containerregistry's registry",
    peer: 'go-registry',
    start: () => startGoRegistry(),
    losesUploads: true,
  },
];

/** Files whose digest is not known before `whenRead` ends. */
class WatchedFiles extends LocalFiles {
  constructor(private readonly whenRead: () => Promise<unknown> = async () => undefined) {
    super();
  }

  override async add(file: LocalFile, options?: TransferOptions): Promise<Descriptor> {
    const descriptor = await super.add(file, options);
    await this.whenRead();
    return descriptor;
  }
}

for (const { name, peer, start, losesUploads } of kinds) {
  describe(`A large file that is sent to ${name} while it is read`, function () {
    this.timeout(60_000);
    let registry: Awaited<ReturnType<Kind['start']>>;
    let line: MeteredProxy;
    let scratch: string;
    let file: LocalFile;
    const cleanups: (() => Promise<unknown>)[] = [];

    before(async function () {
      if (peer) peerOrSkip(this, peer);
      scratch = await mkdtemp(path.join(tmpdir(), 'oci-early-'));
    });
    after(async () => {
      if (scratch) await rm(scratch, { recursive: true, force: true });
    });
    beforeEach(async () => {
      registry = await start();
      line = await startMeteredProxy(registry.host, 100 * MIB);
      file = { path: path.join(scratch, 'large.bin'), title: 'large.bin' };
      await writeFile(file.path, randomBytes(FILE_BYTES));
      cleanups.push(
        () => line.stop(),
        () => registry.stop(),
      );
    });
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0)) await cleanup();
    });

    /** A client with what it sent. */
    const clientAt = (host: string, ways = new UploadWays()) => {
      const transport = testTransport();
      return {
        target: new Registry(host, transport, { uploads: ways }).repository(REPOSITORY),
        lines: () => transport.log.map(({ method, url }) => lineOf(method, url)),
      };
    };
    type Client = ReturnType<typeof clientAt>;
    const run = async ({ target }: Client, source: LocalFiles, options: Partial<PushOptions> = {}) => {
      const watched = new WatchedProgress();
      const given = { files: [file], tags: ['v1'], earlyBytes: MIB, onProgress: watched.take, ...options };
      const result = await push(source, target, given);
      watched.assertWhole();
      return result;
    };
    const assertStored = async ({ manifest }: PushResult) => {
      const [layer] = parseManifest(manifest.bytes).layers;
      assert.ok(layer);
      const stored = await buffer(await clientAt(registry.host).target.fetch(layer));
      assert.ok(stored.equals(await readFile(file.path)));
    };
    const assertNothingBegun = async () =>
      assert.deepEqual(await registry.uploads?.(), registry.uploads && []);
    const assertNothingTagged = async () => {
      const { target } = clientAt(registry.host);
      await assert.rejects(target.resolve('v1'), { name: 'NotFoundError' });
    };
    const untilSent = (bytes: number) => until(() => line.askedBytes() >= bytes);

    it('is one POST, one PATCH and one empty PUT', async () => {
      const client = clientAt(line.host);
      const result = await run(client, new WatchedFiles(() => untilSent(4 * MIB)));
      const forBlobs = client.lines().filter((each) => each !== 'GET manifest' && each !== 'PUT manifest');
      const config = ['GET blob', 'POST', 'PUT'];
      assert.deepEqual([...forBlobs].sort(), ['GET blob', 'POST', 'PATCH', 'PUT', ...config].sort());
      assert.equal(result.pushedBytes, FILE_BYTES + 2 + result.manifest.bytes.length);
      assert.ok(line.askedBytes() < FILE_BYTES + MIB, `${line.askedBytes()} bytes were sent`);
      await assertStored(result);
      await assertNothingBegun();
    });

    it('that is there already is not stored again, and its upload is cancelled', async () => {
      await run(clientAt(registry.host), new LocalFiles(), { tags: ['v0'] });
      const client = clientAt(line.host);
      const options = { annotations: { 'com.example.text': 'another manifest' } };
      const result = await run(client, new WatchedFiles(() => untilSent(4 * MIB)), options);
      assert.equal(result.skippedBytes, FILE_BYTES + 2);
      assert.ok(client.lines().includes('DELETE') && !client.lines().includes('PUT'));
      await assertStored(result);
      await assertNothingBegun();
    });

    it('of which the manifest is there is not stored again', async () => {
      const created = '2025-01-02T03:04:05Z';
      await run(clientAt(registry.host), new LocalFiles(), { created });
      const client = clientAt(line.host);
      const result = await run(client, new WatchedFiles(() => untilSent(4 * MIB)), { created });
      assert.equal(result.pushedBytes, 0);
      assert.ok(client.lines().includes('DELETE') && !client.lines().includes('PUT'));
      await assertNothingBegun();
    });

    it('goes on where the line is cut before its digest is known', async () => {
      line.cutAfterRequests(10 * MIB);
      const result = await run(
        clientAt(line.host),
        new WatchedFiles(async () => {
          await untilSent(10 * MIB);
          await line.mend();
        }),
      );
      await assertStored(result);
      if (!losesUploads) assert.ok(line.askedBytes() < FILE_BYTES + 3 * MIB, `${line.askedBytes()} bytes`);
    });

    it('goes on where the line is cut when its digest is known', async () => {
      line.holdAfterRequests(10 * MIB);
      const pushed = run(clientAt(line.host), new WatchedFiles(() => untilSent(10 * MIB)));
      await untilSent(10 * MIB);
      await delay(200);
      line.cut();
      await line.mend();
      await assertStored(await pushed);
    });

    it('is continued by the next pushes when it is cancelled, or cut for good, once its digest is known', async () => {
      const folder = await mkdtemp(path.join(scratch, 'sessions-'));
      const sessions = new UploadSessionFiles(folder);
      const front = await startCuttingProxy(line.host);
      cleanups.unshift(() => front.stop());
      const client = () => clientAt(front.host, new UploadWays({ sessions, continuableBytes: MIB }));
      const stop = new AbortController();
      front.holdAfter(10 * MIB, () => until(() => stop.signal.aborted));
      const source = new WatchedFiles(() => untilSent(9 * MIB));
      const cancelled = run(client(), source, { signal: stop.signal });
      await Promise.all([
        assert.rejects(cancelled, { name: 'AbortError' }),
        until(async () => (await listed(folder)).length > 0).then(() => stop.abort()),
      ]);
      await assertNothingTagged();
      assert.equal((await listed(folder)).length, 1);
      line.cutAfterRequests(6 * MIB);
      await assert.rejects(run(client(), new LocalFiles()), NetworkError);
      assert.equal((await listed(folder)).length, 1);
      await line.mend();
      await assertStored(await run(client(), new LocalFiles()));
      if (!losesUploads) assert.ok(line.askedBytes() < FILE_BYTES + 4 * MIB, `${line.askedBytes()} bytes`);
      assert.deepEqual(await listed(folder), []);
    });

    it('that is cancelled before its digest is known leaves nothing', async () => {
      const stop = new AbortController();
      const source = new WatchedFiles(async () => {
        await untilSent(4 * MIB);
        stop.abort();
        stop.signal.throwIfAborted();
      });
      await assert.rejects(run(clientAt(line.host), source, { signal: stop.signal }), { name: 'AbortError' });
      await assertNothingBegun();
      await assertNothingTagged();
      // What waits in the line still goes through.
      await delay(500);
      const sentBytes = line.askedBytes();
      await delay(200);
      assert.equal(line.askedBytes(), sentBytes);
    });

    it('that changes while it is on its way is an error that says so, and is not stored', async () => {
      line.holdAfterRequests(4 * MIB);
      const source = new WatchedFiles(async () => {
        await untilSent(4 * MIB);
        await appendFile(file.path, 'more');
        await line.mend();
      });
      await assert.rejects(
        run(clientAt(line.host), source),
        (error) => error instanceof FileError && error.systemCode === 'CHANGED',
      );
      await assertNothingTagged();
    });

    it('goes as one PUT where the registry takes no PATCH', async () => {
      const refusal = { status: 405, headers: {}, body: Buffer.from('no') };
      const proxy = await startFaultyProxy({
        upstream: registry.host,
        faultFor: ({ method }) =>
          method === 'PATCH' ? { fault: { kind: 'answer', answer: refusal }, place: 0 } : undefined,
      });
      cleanups.unshift(() => proxy.stop());
      const client = clientAt(proxy.host);
      await assertStored(await run(client, new WatchedFiles()));
      await assertNothingBegun();
      await writeFile(file.path, randomBytes(FILE_BYTES));
      await assertStored(await run(client, new WatchedFiles()));
      assert.equal(client.lines().filter((each) => each === 'PATCH').length, 1);
    });

    it('goes in chunks where a proxy takes no large body', async () => {
      const proxy = await startCappingProxy(registry.host, 10 * MIB);
      cleanups.unshift(() => proxy.stop());
      await assertStored(await run(clientAt(proxy.host), new WatchedFiles()));
      assert.deepEqual([...new Set(proxy.refused)], ['PATCH']);
    });

    it('is not begun where the user wants chunks, nor for less than a large file', async () => {
      const limited = clientAt(line.host, new UploadWays({ limitBytes: () => 4 * MIB }));
      await run(limited, new WatchedFiles(() => delay(50)));
      assert.equal(limited.lines().filter((each) => each === 'PATCH').length, FILE_BYTES / (4 * MIB));
      const usual = clientAt(line.host);
      await run(usual, new WatchedFiles(() => delay(50)), { earlyBytes: FILE_BYTES + 1, tags: ['v2'] });
      assert.ok(!usual.lines().includes('PATCH'));
    });

    it('is stored by a push of a blob alone as well', async () => {
      const client = clientAt(line.host);
      const source = new WatchedFiles(() => untilSent(4 * MIB));
      const watched = new WatchedProgress();
      const options = { path: file.path, earlyBytes: MIB, onProgress: watched.take };
      const descriptor = await pushBlob(source, client.target, options);
      watched.assertWhole();
      assert.deepEqual([...client.lines()].sort(), ['GET blob', 'PATCH', 'POST', 'PUT']);
      assert.ok((await buffer(await client.target.fetch(descriptor))).equals(await readFile(file.path)));
    });
  });
}

describe('Large files that are sent while they are read, and signing in', function () {
  this.timeout(60_000);
  let scratch: string;
  before(async function () {
    peerOrSkip(this, 'docker-registry');
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-early-'));
  });
  after(async () => {
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const files = async (count: number) => {
    const made = Array.from({ length: count }, (_, at) => ({
      title: `${at}.bin`,
      path: path.join(scratch, `${at}.bin`),
    }));
    for (const { path: name } of made) await writeFile(name, randomBytes(2 * MIB));
    return made;
  };

  it('take the token of a token server', async () => {
    const issuer = await startTokenIssuer();
    const registry = await startDockerRegistry({ auth: issuer });
    try {
      const transport = testTransport({ credential: testCredential });
      const target = new Registry(registry.host, transport).repository('private/early');
      const source = new WatchedFiles(() => delay(300));
      const { descriptor } = await push(source, target, {
        files: await files(3),
        tags: ['v1'],
        earlyBytes: MIB,
      });
      assert.equal((await target.resolve('v1')).digest, descriptor.digest);
      assert.equal(transport.log.filter(({ method }) => method === 'PATCH').length, 3);
    } finally {
      await registry.stop();
      await issuer.stop();
    }
  });

  it('are refused with a wrong password as any push, and the password goes once more at most', async () => {
    const registry = await startDockerRegistry({ auth: 'htpasswd' });
    try {
      const transport = testTransport({
        credential: { kind: 'basic', username: 'someone', password: 'wrong' },
      });
      const target = new Registry(registry.host, transport).repository('private/early');
      const pushed = push(new WatchedFiles(), target, {
        files: await files(4),
        tags: ['v1'],
        earlyBytes: MIB,
      });
      await assert.rejects(pushed, (error) => error instanceof SignInRequiredError && error.credentialsSent);
      const asked = transport.log.map(({ method, outcome }) => `${method} ${outcome}`);
      assert.deepEqual(asked, ['POST 401', 'POST 401', 'GET 401']);
    } finally {
      await registry.stop();
    }
  });
});

/** What an operation reports of its bytes. */
class WatchedProgress {
  private doneBytes = 0;
  private totalBytes = 0;

  readonly take = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void => {
    assert.ok(doneBytes <= totalBytes, `${doneBytes} of ${totalBytes}`);
    Object.assign(this, { doneBytes, totalBytes });
  };

  assertWhole(): void {
    assert.equal(this.doneBytes, this.totalBytes);
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + PATIENCE_MS; !(await isSo()); await delay(5))
    assert.ok(Date.now() < endMs, 'waited too long');
}

function lineOf(method: string, url: string): string {
  if (url.includes('/manifests/')) return `${method} manifest`;
  return method === 'GET' ? 'GET blob' : method;
}

/** Those of which there are bytes: docker's registry writes a hash of nothing behind an upload that was cancelled. */
async function withUploads(registry: Running & { readonly folder: string }) {
  const repositories = path.join(registry.folder, 'storage/docker/registry/v2/repositories');
  const folder = path.join(repositories, REPOSITORY, '_uploads');
  const uploads = async () => {
    const found = (await listed(folder)).map((id) => listed(path.join(folder, id)));
    return (await Promise.all(found)).flat().filter((name) => name === 'data');
  };
  return { host: registry.host, stop: () => registry.stop(), uploads };
}

async function listed(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
