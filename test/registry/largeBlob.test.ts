import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../../src/oci/descriptor';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { Registry } from '../../src/targets/registry/registry';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport } from '../support/testTransport';

const MIB = 1024 * 1024;
const CHUNKS = 2048;
const MAX_GROWTH_BYTES = 150 * MIB;

describe('A blob of 2 GiB', function () {
  this.timeout(120_000);
  const material = randomBytes(4 * MIB);
  let registry: DockerRegistry;

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry();
  });
  after(() => registry?.stop());

  it('moves up and down in flat memory', async () => {
    const descriptor = describeContent(material);
    const target = new Registry(registry.host, testTransport()).repository('large');
    const memory = watchMemory();
    let sentBytes = 0;
    const uploadMs = await timed(() =>
      target.push(
        descriptor,
        { open: async () => Readable.from(chunksOf(material), { highWaterMark: 1 }) },
        { onBytes: (delta) => (sentBytes += delta) },
      ),
    );
    const counter = new ByteCounter();
    const downloadMs = await timed(async () => pipeline(await target.fetch(descriptor), counter));
    const growthBytes = memory.stop();
    console.log(
      `      up ${Math.round(uploadMs)} ms, down ${Math.round(downloadMs)} ms, memory +${Math.round(growthBytes / MIB)} MiB`,
    );
    assert.equal(sentBytes, descriptor.size);
    assert.equal(counter.sizeBytes, descriptor.size);
    assert.ok(growthBytes < MAX_GROWTH_BYTES, `memory grew by ${Math.round(growthBytes / MIB)} MiB`);
  });
});

class ByteCounter extends Writable {
  sizeBytes = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sizeBytes += chunk.length;
    done();
  }
}

/** Pieces of the same memory from ever other places, so that nothing is allocated and no order goes unnoticed. */
function* chunksOf(material: Buffer): Generator<Buffer> {
  for (let index = 0; index < CHUNKS; index++) {
    const start = (index * 4093) % (3 * MIB);
    yield material.subarray(start, start + MIB);
  }
}

function describeContent(material: Buffer): Descriptor {
  const hash = createHash('sha256');
  for (const chunk of chunksOf(material)) hash.update(chunk);
  return { mediaType: mediaTypes.ociLayer, digest: `sha256:${hash.digest('hex')}`, size: CHUNKS * MIB };
}

function watchMemory(): { stop(): number } {
  const start = process.memoryUsage.rss();
  let peak = start;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  return {
    stop: () => {
      clearInterval(timer);
      return peak - start;
    },
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
