import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ArrivingBytes } from '../../../../src/oci/arrivingBytes';
import { InvalidContentError, NetworkError } from '../../../../src/oci/errors';
import { resumingPipe, type ResumableContent } from '../../../../src/targets/registry/resumingPipe';

const MIB = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const cut = () => new NetworkError('registry.example', 'ECONNRESET', 'the connection was cut');

/** A server whose streams take a millisecond for each `bytesPerMs` on a clock of its own. */
class Server {
  readonly asked: string[] = [];
  bytesPerMs = 1000;
  givesRanges = true;
  /** Cuts a stream before this byte of the content, once for each entry. */
  readonly cutsAt: number[] = [];
  open = 0;
  mostOpen = 0;
  /** Streams that nobody read to their end: their connections cannot be used again. */
  left = 0;
  private clockMs = 0;
  /** A receiver that takes 10 ms a chunk, in which more could come. */
  hasSlowReceiver = false;

  constructor(readonly content: Buffer) {}

  readonly nowMs = () => this.clockMs;

  stream(firstByte: number, lastByte = this.content.length - 1): Readable {
    return Readable.from(this.chunks(firstByte, lastByte), { objectMode: false });
  }

  readonly openRange: ResumableContent['open'] = async (firstByte, lastByte) => {
    this.asked.push(`${firstByte}-${lastByte ?? ''}`);
    return this.givesRanges ? this.stream(firstByte, lastByte) : undefined;
  };

  /** Pipes all of it and gives what came, as it comes; what was given is taken before the pipe fails. */
  async *chunksReceived(open = this.openRange): AsyncGenerator<Buffer> {
    const sink = new ArrivingBytes();
    resumingPipe(this.stream(0), sink, { sizeBytes: this.content.length, open, nowMs: this.nowMs });
    for await (const chunk of sink as AsyncIterable<Buffer>) {
      yield chunk;
      await new Promise(setImmediate);
      for (let turn = 0; this.hasSlowReceiver && turn < 4; turn++) {
        await new Promise(setImmediate);
        this.clockMs += 2.5;
      }
    }
  }

  async received(open = this.openRange): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunksReceived(open)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  private async *chunks(firstByte: number, lastByte: number): AsyncGenerator<Buffer> {
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    this.left++;
    try {
      for (let at = firstByte; at <= lastByte; at += CHUNK_BYTES) {
        await new Promise(setImmediate);
        const cutAt = this.cutsAt.findIndex((byte) => byte >= at && byte < at + CHUNK_BYTES);
        if (cutAt >= 0) {
          this.cutsAt.splice(cutAt, 1);
          throw cut();
        }
        // Streams side by side share the time.
        this.clockMs += CHUNK_BYTES / this.bytesPerMs / this.open;
        yield this.content.subarray(at, Math.min(at + CHUNK_BYTES, lastByte + 1));
      }
      this.left--;
    } finally {
      this.open--;
    }
  }
}

describe('a download that goes on where it was cut', () => {
  let server: Server;
  beforeEach(() => (server = new Server(randomBytes(2 * MIB))));

  it('asks for the rest alone', async () => {
    server.cutsAt.push(MIB, MIB + CHUNK_BYTES);
    assert.ok(server.content.equals(await server.received()));
    assert.deepEqual(server.asked, [`${MIB}-`, `${MIB + CHUNK_BYTES}-`]);
  });

  it('fails with the cut where there is no rest to be had', async () => {
    server.cutsAt.push(MIB);
    server.givesRanges = false;
    let seenBytes = 0;
    await assert.rejects(async () => {
      for await (const chunk of server.chunksReceived()) seenBytes += chunk.length;
    }, NetworkError);
    assert.equal(seenBytes, MIB);
  });

  it('gives up after the tenth', async () => {
    server.cutsAt.push(...Array.from({ length: 11 }, () => MIB));
    await assert.rejects(server.received(), NetworkError);
    assert.equal(server.asked.length, 10);
  });
});

describe('a long download on slow connections', () => {
  let server: Server;
  beforeEach(() => (server = new Server(randomBytes(100 * MIB + 5))));

  it('goes on over several, and gives the bytes in their order', async () => {
    assert.ok(server.content.equals(await server.received()));
    assert.ok(server.mostOpen > 2 && server.mostOpen <= 9, `${server.mostOpen} connections`);
    assert.equal(server.left, 1, 'the first, where the others took over');
  });

  it('stays on one that is fast', async () => {
    server.bytesPerMs = 1_000_000;
    assert.ok(server.content.equals(await server.received()));
    assert.deepEqual(server.asked, []);
  });

  it('stays on one where the receiver is what is slow', async () => {
    server.bytesPerMs = 1_000_000;
    server.hasSlowReceiver = true;
    assert.ok(server.content.equals(await server.received()));
    assert.deepEqual(server.asked, []);
  });

  it('goes on over several once a connection has become slow', async () => {
    server.bytesPerMs = 1_000_000;
    let seenBytes = 0;
    for await (const chunk of server.chunksReceived()) {
      seenBytes += chunk.length;
      if (seenBytes > 10 * MIB) server.bytesPerMs = 1000;
    }
    assert.equal(seenBytes, server.content.length);
    assert.ok(server.mostOpen > 2, `${server.mostOpen} connections`);
  });

  it('stays on one where the server gives no ranges', async () => {
    server.givesRanges = false;
    assert.ok(server.content.equals(await server.received()));
    assert.equal(server.asked.length, 1);
  });

  it('takes up each that is cut', async () => {
    server.cutsAt.push(20 * MIB, 33 * MIB, 50 * MIB, 50 * MIB, 90 * MIB);
    assert.ok(server.content.equals(await server.received()));
  });

  it('fails where the server stops giving ranges in the midst', async () => {
    const open = server.openRange;
    const limited: ResumableContent['open'] = async (from, to) =>
      from > 50 * MIB ? undefined : open(from, to);
    await assert.rejects(server.received(limited), InvalidContentError);
    await new Promise(setImmediate);
    assert.equal(server.open, 0);
  });

  it('ends every connection when nobody wants it any more', async () => {
    let seenBytes = 0;
    for await (const chunk of server.chunksReceived()) {
      seenBytes += chunk.length;
      if (seenBytes > 60 * MIB) break;
    }
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(server.open, 0);
  });
});
