import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { digestOf } from '../../src/oci/digest';
import { isAbort, NetworkError } from '../../src/oci/errors';
import { attach } from '../../src/operations/attach';
import { push } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { UploadWays } from '../../src/targets/registry/uploadWays';
import { UploadSessionFiles } from '../../src/targets/transfers/uploadSessionFiles';
import { collect, sourceOf, type TestBlob } from '../support/artifacts';
import { continuedPull, type ContinuedPull } from '../support/continuedPull';
import { startDistributionOnStore } from '../support/dockerRegistry';
import { startMeteredProxy } from '../support/meteredProxy';
import type { StoreRequest } from '../support/objectStore';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testCredential, testTransport } from '../support/testTransport';

const run = promisify(execFile);
const MIB = 1024 * 1024;
/** More than the parts in which the registry sends content to the store. */
const LARGE_BYTES = 24 * MIB;

describe('A registry with passwords whose content lies in an object store', function () {
  this.timeout(60_000);
  let registry: Awaited<ReturnType<typeof startDistributionOnStore>>;
  let scratch: string;
  let oras: string;

  before(async function () {
    for (const name of ['distribution', 'moto'] as const) peerOrSkip(this, name);
    oras = peerOrSkip(this, 'oras');
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-store-'));
    await writeFile(path.join(scratch, 'large'), randomBytes(LARGE_BYTES));
    await writeFile(path.join(scratch, 'small'), 'small');
    registry = await startDistributionOnStore({ auth: 'htpasswd', deleteEnabled: true });
    await pushSample();
  });
  after(async () => {
    await registry?.stop();
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  const target = (host = registry.host, uploads = new UploadWays()) =>
    new Registry(host, testTransport({ credential: testCredential }), { uploads }).repository('demo/app');

  async function withFiles<T>(work: (files: LocalFiles) => Promise<T>): Promise<T> {
    const files = new LocalFiles({ temporaryFolder: scratch });
    return work(files).finally(() => files.dispose());
  }

  const filesOf = (...titles: readonly string[]) =>
    titles.map((title) => ({ path: path.join(scratch, title), title }));

  const pushSample = () =>
    withFiles((files) => push(files, target(), { files: filesOf('large', 'small'), tags: ['v1'] }));

  /** What came to the store past the registry, since `from`. */
  const readsSince = (from: number): readonly StoreRequest[] =>
    registry.store.requests.slice(from).filter(({ isSigned }) => !isSigned);

  async function newPull(): Promise<ContinuedPull> {
    const at = await mkdtemp(path.join(scratch, 'run-'));
    const [folder, store] = [path.join(at, 'out'), path.join(at, 'kept')];
    const { host } = registry;
    return { host, repository: 'demo/app', reference: 'v1', folder, store, credential: testCredential };
  }

  async function assertWhole({ folder }: ContinuedPull): Promise<void> {
    for (const file of ['large', 'small'])
      assert.ok((await readFile(path.join(scratch, file))).equals(await readFile(path.join(folder, file))));
  }

  it('gives a push back, each blob from the store', async () => {
    const from = registry.store.requests.length;
    const job = await newPull();
    await continuedPull(job);
    await assertWhole(job);
    const reads = readsSince(from).filter(({ method }) => method === 'GET');
    assert.equal(reads.length, 2, 'the large file and the small one');
    assert.ok(reads.every(({ url }) => url.includes('X-Amz-Signature=')));
  });

  it('is sent nothing a second time that it has', async () => {
    const from = registry.store.requests.length;
    const { skippedBytes, pushedBytes } = await pushSample();
    assert.ok(skippedBytes > LARGE_BYTES && pushedBytes < 1024, `${pushedBytes} bytes were sent`);
    const readBytes = readsSince(from).filter(({ method, range }) => method === 'GET' && !range);
    assert.deepEqual(readBytes, [], 'no blob was read whole to know that it is there');
  });

  it('gives a range of a blob', async () => {
    const from = registry.store.requests.length;
    const large = await readFile(path.join(scratch, 'large'));
    const transport = testTransport({ credential: testCredential });
    const response = await transport.send({
      method: 'GET',
      host: registry.host,
      path: `/v2/demo/app/blobs/${digestOf(large)}`,
      headers: { Range: `bytes=${5 * MIB}-${6 * MIB - 1}` },
    });
    assert.equal(response.status, 206);
    assert.ok((await buffer(response.body)).equals(large.subarray(5 * MIB, 6 * MIB)));
    assert.deepEqual(
      readsSince(from).map(({ range }) => range),
      [`bytes=${5 * MIB}-${6 * MIB - 1}`],
    );
  });

  it('gives the rest behind the last byte when a read is cut at the store', async () => {
    const large = await readFile(path.join(scratch, 'large'));
    const { descriptor } = blobOf(large);
    const from = registry.store.requests.length;
    registry.store.cutNextRead(9 * MIB);
    assert.ok((await buffer(await target().fetch(descriptor))).equals(large));
    const ranges = readsSince(from).map(({ range }) => range);
    assert.deepEqual([ranges.length, ranges[0]], [2, undefined]);
    assert.match(ranges[1] ?? '', /^bytes=\d{6,}-/);
  });

  it('continues a pull that was cancelled behind the last byte', async () => {
    const job = await newPull();
    const controller = new AbortController();
    const onProgress = ({ doneBytes }: { doneBytes: number }) => doneBytes > 6 * MIB && controller.abort();
    await assert.rejects(continuedPull({ ...job, signal: controller.signal, onProgress }), isAbort);
    const from = registry.store.requests.length;
    await continuedPull(job);
    await assertWhole(job);
    const ranges = readsSince(from).flatMap(({ range }) => range ?? []);
    assert.equal(ranges.length, 1);
    assert.match(ranges[0] ?? '', /^bytes=[1-9]\d*-/);
  });

  for (const chunkBytes of [3 * MIB, 6 * MIB])
    it(`takes an upload in chunks of ${chunkBytes / MIB} MiB`, async () => {
      const { descriptor, bytes } = randomBlob(11 * MIB);
      const uploads = new UploadWays({ limitBytes: () => chunkBytes });
      await target(registry.host, uploads).push(descriptor, sourceOf(bytes));
      assert.ok((await buffer(await target().fetch(descriptor))).equals(bytes));
    });

  it('takes the rest of an upload that was cut', async () => {
    const { descriptor, bytes } = randomBlob(LARGE_BYTES);
    const line = await startMeteredProxy(registry.host, 100 * MIB);
    try {
      const sessions = new UploadSessionFiles(path.join(scratch, 'sessions'));
      const uploads = new UploadWays({ limitBytes: () => 6 * MIB, sessions });
      const pushOnce = () => target(line.host, uploads).push(descriptor, sourceOf(bytes));
      line.cutAfterRequests(0.8 * bytes.length);
      await assert.rejects(pushOnce(), NetworkError);
      await line.mend();
      const sentBytes = line.askedBytes();
      await pushOnce();
      assert.ok(line.askedBytes() - sentBytes < 0.6 * bytes.length);
      assert.ok((await buffer(await target().fetch(descriptor))).equals(bytes));
    } finally {
      await line.stop();
    }
  });

  it('keeps referrers, which oras finds and pulls too', async () => {
    const artifactType = 'application/vnd.example.note';
    const attached = await withFiles((files) =>
      attach(files, target(), 'v1', { files: filesOf('small'), artifactType }),
    );
    const found = await collect(target().referrers(await target().resolve('v1'), { artifactType }));
    assert.deepEqual(
      found.map(({ digest }) => digest),
      [attached.descriptor.digest],
    );
    await mkdir(path.join(scratch, 'by-oras'));
    const account = ['--username', testAccount.username, '--password', testAccount.password];
    const reference = `${registry.host}/demo/app@${attached.descriptor.digest}`;
    await run(oras, ['pull', '--plain-http', ...account, reference], { cwd: path.join(scratch, 'by-oras') });
    assert.equal(await readFile(path.join(scratch, 'by-oras/small'), 'utf8'), 'small');
  });

  it('never had its credential shown to the store', () => {
    const { username, password } = testAccount;
    const secrets = [password, encodeURIComponent(password), btoa(`${username}:${password}`)];
    const { requests } = registry.store;
    assert.ok(requests.length > 50 && readsSince(0).length > 5);
    for (const { method, url, headers, isSigned } of requests) {
      const text = `${method} ${url} ${headers.join('\n')}`;
      for (const secret of secrets) assert.ok(!text.includes(secret), text);
      const names = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
      if (!isSigned) assert.ok(!names.includes('authorization') && !names.includes('cookie'), text);
    }
  });
});

function blobOf(bytes: Buffer): TestBlob {
  return { bytes, descriptor: { mediaType: 'x/any', digest: digestOf(bytes), size: bytes.length } };
}

function randomBlob(sizeBytes: number): TestBlob {
  return blobOf(randomBytes(sizeBytes));
}
