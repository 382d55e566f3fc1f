import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../src/oci/digest';
import { NetworkError } from '../../src/oci/errors';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { Registry } from '../../src/targets/registry/registry';
import { UploadWays, type UploadWaysOptions } from '../../src/targets/registry/uploadWays';
import { UploadSessionFiles } from '../../src/targets/transfers/uploadSessionFiles';
import { sourceOf, type TestBlob } from '../support/artifacts';
import { startCappingProxy, type CappingProxy } from '../support/cappingProxy';
import { startDistribution, startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { startGoRegistry } from '../support/goRegistry';
import { startMeteredProxy, type MeteredProxy } from '../support/meteredProxy';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const MIB = 1024 * 1024;

interface Kind {
  readonly name: string;
  readonly peer?: Parameters<typeof peerOrSkip>[1];
  readonly start: () => Promise<{ readonly host: string; stop(): Promise<unknown> }>;
  /** After what an upload has to start again: a chunk that came in part, or any stop. */
  readonly losesUploads?: 'when cut' | 'always';
  /** Takes back the part that came of a body that was to be the last. */
  readonly losesBodies?: boolean;
}

const kinds: readonly Kind[] = [
  { name: 'the embedded registry', start: () => startEmbeddedRegistry(), losesBodies: true },
  {
    name: 'docker-registry 2.8',
    peer: 'docker-registry',
    start: () => startDockerRegistry(),
    losesUploads: 'when cut',
  },
  { name: 'distribution 3', peer: 'distribution', start: () => startDistribution() },
  {
    name: "go-containerregistry's registry",
    peer: 'go-registry',
    start: () => startGoRegistry(),
    losesUploads: 'always',
  },
];

for (const { name, peer, start, losesUploads, losesBodies } of kinds) {
  describe(`A push to ${name}`, function () {
    this.timeout(60_000);
    let registry: Awaited<ReturnType<Kind['start']>>;
    let capping: CappingProxy;
    let metered: MeteredProxy;
    let scratch: string;

    before(async function () {
      if (peer) peerOrSkip(this, peer);
      scratch = await mkdtemp(path.join(tmpdir(), 'oci-chunks-'));
      registry = await start();
    });
    after(async () => {
      await registry?.stop();
      if (scratch) await rm(scratch, { recursive: true, force: true });
    });
    beforeEach(async () => {
      capping = await startCappingProxy(registry.host, MIB);
      metered = await startMeteredProxy(registry.host, 100 * MIB);
    });
    afterEach(async () => {
      await capping.stop();
      await metered.stop();
    });

    const targetAt = (host: string, ways?: UploadWaysOptions) =>
      new Registry(host, testTransport(), ways && { uploads: new UploadWays(ways) }).repository(
        'demo/chunks',
      );
    const assertStored = async ({ descriptor, bytes }: TestBlob) =>
      assert.ok(bytes.equals(await buffer(await targetAt(registry.host).fetch(descriptor))));

    it('sends chunks by itself where a proxy takes no more at once, and remembers it', async () => {
      const target = targetAt(capping.host);
      const [first, second] = [randomBlob(5 * MIB + 7), randomBlob(3 * MIB)];
      let sentBytes = 0;
      await target.push(first.descriptor, sourceOf(first.bytes), {
        onBytes: (delta) => (sentBytes += delta),
      });
      assert.equal(sentBytes, first.bytes.length);
      assert.deepEqual([...new Set(capping.refused)], ['PUT', 'PATCH']);
      const refusals = capping.refused.length;
      await target.push(second.descriptor, sourceOf(second.bytes));
      assert.equal(capping.refused.length, refusals);
      assert.ok(
        capping.bodies.every((size) => size <= MIB) && capping.bodies.length > 8,
        capping.bodies.join(),
      );
      await assertStored(first);
      await assertStored(second);
    });

    it('sends chunks from the start where the user says how large', async () => {
      const blob = randomBlob(3 * MIB + 1);
      const target = targetAt(capping.host, { limitBytes: () => MIB });
      await target.push(blob.descriptor, sourceOf(blob.bytes));
      assert.deepEqual([capping.refused, capping.bodies], [[], [MIB, MIB, MIB, 1]]);
      await assertStored(blob);
    });

    const cuttable = { 'in chunks': { limitBytes: () => 2 * MIB }, 'as one body': { continuableBytes: MIB } };
    for (const [how, ways] of Object.entries(cuttable))
      it(`goes on after a cut ${how} with what the registry has, also after a restart`, async () => {
        const blob = randomBlob(24 * MIB);
        const folder = await mkdtemp(path.join(scratch, 'sessions-'));
        const push = async () => {
          const sessions = new UploadSessionFiles(folder);
          const target = targetAt(metered.host, { ...ways, sessions });
          let sentBytes = 0;
          await target.push(blob.descriptor, sourceOf(blob.bytes), {
            onBytes: (delta) => (sentBytes += delta),
          });
          return sentBytes;
        };
        metered.cutAfterRequests(0.55 * blob.bytes.length);
        await assert.rejects(push(), NetworkError);
        assert.equal((await readdir(folder)).length, 1);
        await metered.mend();
        assert.equal(await push(), blob.bytes.length);
        const twice = metered.askedBytes() - blob.bytes.length;
        console.log(`      ${(twice / MIB).toFixed(2)} MiB went twice`);
        const isLost = losesUploads !== undefined || (losesBodies && how === 'as one body');
        if (!isLost) assert.ok(twice < 2.1 * MIB, `${twice} bytes went twice`);
        assert.deepEqual(await readdir(folder), []);
        await assertStored(blob);
      });

    it('goes on where it was stopped between two chunks', async () => {
      const blob = randomBlob(12 * MIB);
      const sessions = new UploadSessionFiles(await mkdtemp(path.join(scratch, 'sessions-')));
      const target = () => targetAt(metered.host, { limitBytes: () => 2 * MIB, sessions });
      const controller = new AbortController();
      const keep = sessions.keep.bind(sessions);
      let kept = 0;
      sessions.keep = async (key, location) => {
        await keep(key, location);
        if (++kept === 4) controller.abort();
      };
      const { signal } = controller;
      await assert.rejects(target().push(blob.descriptor, sourceOf(blob.bytes), { signal }), {
        name: 'AbortError',
      });
      await target().push(blob.descriptor, sourceOf(blob.bytes));
      const sentBytes = metered.askedBytes();
      if (losesUploads !== 'always')
        assert.ok(sentBytes < blob.bytes.length + 0.1 * MIB, `${sentBytes} bytes were sent`);
      await assertStored(blob);
    });
  });
}

function randomBlob(sizeBytes: number): TestBlob {
  const bytes = randomBytes(sizeBytes);
  return { bytes, descriptor: { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size: sizeBytes } };
}
