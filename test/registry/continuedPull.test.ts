import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAbort, NetworkError } from '../../src/oci/errors';
import type { Progress } from '../../src/oci/progress';
import { push } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { TransferStore } from '../../src/targets/transfers/transferStore';
import { buildProgram } from '../support/buildProgram';
import { continuedPull, type ContinuedPull } from '../support/continuedPull';
import { startDistribution, startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { startGoRegistry } from '../support/goRegistry';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const MIB = 1024 * 1024;
/** Large enough for a percent of all to be more than buffers hold, too small for a fetch over several connections. */
const FILE_BYTES = 31 * MIB;
const FILES = ['large', 'larger', 'small'];
/** What of the answers is not content, at most. */
const HEADER_BYTES = 64 * 1024;
/** Below what a busy machine takes in: what waits in memory when the network ends is lost. */
const BYTES_PER_SECOND = 40 * MIB;

type Peer = Parameters<typeof peerOrSkip>[1];

interface Server {
  readonly host: string;
  stop(): Promise<unknown>;
}

interface Kind {
  readonly name: string;
  readonly peer?: Peer;
  readonly start: () => Promise<Server>;
  /** Gives a blob from its start alone, so that it can only come again. */
  readonly noRanges?: boolean;
}

const kinds: readonly Kind[] = [
  { name: 'the embedded registry', start: () => startEmbeddedRegistry() },
  { name: 'docker-registry 2.8', peer: 'docker-registry', start: () => startDockerRegistry() },
  { name: 'distribution 3', peer: 'distribution', start: () => startDistribution() },
  {
    name: "go-containerregistry's registry",
    peer: 'go-registry',
    start: () => startGoRegistry(),
    noRanges: true,
  },
];

for (const { name, peer, start, noRanges } of kinds) {
  describe(`A pull from ${name} that is cut`, function () {
    this.timeout(120_000);
    let scratch: string;
    let registry: Server;
    let proxy: MeteredProxy;
    let program: string;
    let totalBytes: number;
    let job: ContinuedPull;

    before(async function () {
      if (peer) peerOrSkip(this, peer);
      scratch = await mkdtemp(path.join(tmpdir(), 'oci-continue-'));
      registry = await start();
      totalBytes = await pushSample(scratch, registry.host);
      program = await buildProgram('test/registry/pullOnce.program.ts', path.join(scratch, 'pullOnce.js'));
    });
    after(async () => {
      await registry?.stop();
      if (scratch) await rm(scratch, { recursive: true, force: true });
    });
    beforeEach(async () => {
      proxy = await startMeteredProxy(registry.host, BYTES_PER_SECOND);
      const at = await mkdtemp(path.join(scratch, 'run-'));
      const [folder, store] = [path.join(at, 'out'), path.join(at, 'store')];
      job = { host: proxy.host, repository: 'demo/app', reference: 'v1', folder, store };
    });
    afterEach(() => proxy.stop());

    const assertWhole = async () => {
      for (const file of [...FILES, 'tree/inner'])
        assert.ok(
          (await readFile(path.join(scratch, 'work', file))).equals(
            await readFile(path.join(job.folder, file)),
          ),
        );
      assert.deepEqual((await readdir(job.folder)).toSorted(), [...FILES, 'tree']);
      assert.deepEqual(await new TransferStore(job.store).list(), []);
      const twice = proxy.answeredBytes() - totalBytes;
      console.log(`      ${((100 * twice) / totalBytes).toFixed(2)} % came twice`);
      if (!noRanges) assert.ok(twice <= totalBytes / 100, `${twice} of ${totalBytes} bytes came twice`);
    };
    const assertNothingShows = async () => assert.deepEqual(await readdir(job.folder).catch(() => []), []);

    it('by the network goes on behind the last byte', async () => {
      const wantedBytes = 0.55 * totalBytes;
      proxy.holdAfterAnswers(wantedBytes);
      // What is still on its way when the line breaks is nobody's.
      const onProgress = ({ doneBytes }: Progress) => doneBytes > wantedBytes - HEADER_BYTES && proxy.cut();
      await assert.rejects(continuedPull({ ...job, onProgress }), NetworkError);
      await assertNothingShows();
      await proxy.mend();
      await continuedPull(job);
      await assertWhole();
    });

    it('by cancels goes on behind the last byte', async () => {
      for (const part of noRanges ? [0.3] : [0.3, 0.7]) {
        const controller = new AbortController();
        const wantedBytes = part * totalBytes;
        proxy.holdAfterAnswers(wantedBytes - proxy.answeredBytes());
        const onProgress = ({ doneBytes }: Progress) =>
          doneBytes > wantedBytes - HEADER_BYTES && controller.abort();
        await assert.rejects(continuedPull({ ...job, signal: controller.signal, onProgress }), isAbort);
        await proxy.mend();
        await assertNothingShows();
      }
      await continuedPull(job);
      await assertWhole();
    });

    it('by kill -9 goes on behind the last byte, and shows nothing before', async () => {
      proxy.holdAfterAnswers(0.5 * totalBytes);
      await killAt(startPull(program, job), 0.5 * totalBytes - HEADER_BYTES);
      await proxy.mend();
      const left = await readdir(job.folder);
      assert.ok(left.length === 1 && left[0]?.startsWith('.oci-pull-'), left.join());
      await new TransferStore(job.store).clean({ maxBytes: Infinity, maxAgeMs: Infinity });
      await assertNothingShows();
      await continuedPull(job);
      await assertWhole();
    });
  });
}

/** A large file, a small one and a folder; resolves with the size of their blobs. */
async function pushSample(scratch: string, host: string): Promise<number> {
  const work = path.join(scratch, 'work');
  await mkdir(path.join(work, 'tree'), { recursive: true });
  for (const file of ['large', 'larger']) await writeFile(path.join(work, file), randomBytes(FILE_BYTES));
  await writeFile(path.join(work, 'small'), 'small');
  await writeFile(path.join(work, 'tree/inner'), randomBytes(16 * MIB));
  const source = new LocalFiles({ temporaryFolder: scratch });
  const target = new Registry(host, testTransport()).repository('demo/app');
  const files = [...FILES, 'tree'].map((title) => ({ path: path.join(work, title), title }));
  const { pushedBytes } = await push(source, target, { files, tags: ['v1'] });
  await source.dispose();
  return pushedBytes;
}

function startPull(
  program: string,
  { host, repository, reference, folder, store }: ContinuedPull,
): ChildProcess {
  return fork(program, [host, repository, reference, folder, store], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** Kills a pull that has told that it has so many bytes. */
async function killAt(child: ChildProcess, wantedBytes: number): Promise<void> {
  const ended = once(child, 'exit');
  child.on('message', (doneBytes) => Number(doneBytes) > wantedBytes && child.kill('SIGKILL'));
  assert.deepEqual(await ended, [null, 'SIGKILL']);
}
