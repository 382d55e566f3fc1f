import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority } from 'node:os';
import { contentHash, type ContentHash } from '../../../src/oci/contentHash';

const MIB = 1024 * 1024;
const content = randomBytes(20 * MIB);
const expected = (algorithm: string, bytes = content) => createHash(algorithm).update(bytes).digest('hex');

async function hashed(hash: ContentHash, bytes: Uint8Array, pieceBytes: number): Promise<string> {
  for (let position = 0; position < bytes.length; position += pieceBytes) {
    hash.update(bytes.subarray(position, position + pieceBytes));
    await hash.room();
  }
  return hash.digest();
}

/** How a thread of this process gives way to others. Source: proc(5), `stat`. */
function niceOf(thread: string): number {
  const [, rest = ''] = /\) (.*)/s.exec(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')) ?? [];
  return Number(rest.split(' ')[16]);
}

describe('A hash of content', () => {
  for (const algorithm of ['sha256', 'sha512'])
    it(`is the ${algorithm} of large content, in pieces of any size`, async () => {
      for (const pieceBytes of [64 * 1024 - 1, MIB, 7 * MIB])
        assert.equal(
          await hashed(contentHash(algorithm, content.length), content, pieceBytes),
          expected(algorithm),
        );
    });

  it('is that of small content, known to be small or not', async () => {
    const small = content.subarray(0, 1000);
    for (const sizeBytes of [small.length, undefined])
      assert.equal(await hashed(contentHash('sha256', sizeBytes), small, 300), expected('sha256', small));
    assert.equal(await contentHash('sha256').digest(), expected('sha256', Buffer.alloc(0)));
  });

  it('is that of many at once, each with bytes of its own', async () => {
    const parts = Array.from({ length: 12 }, (_, index) => content.subarray(index * MIB, (index + 8) * MIB));
    const found = await Promise.all(parts.map((part) => hashed(contentHash('sha256'), part, 100_000)));
    assert.deepEqual(
      found,
      parts.map((part) => expected('sha256', part)),
    );
  });

  it('takes all that comes without a look at the room', async () => {
    const hash = contentHash('sha256', content.length);
    for (let position = 0; position < content.length; position += MIB)
      hash.update(content.subarray(position, position + MIB));
    assert.equal(await hash.digest(), expected('sha256'));
  });

  it('has no room while more waits than is in memory for it', async () => {
    const hash = contentHash('sha256', content.length);
    hash.update(content);
    const room = hash.room();
    assert.ok(room, 'there was room for all');
    await room;
    assert.equal(hash.room(), undefined);
    hash.abandon();
  });

  if (process.platform === 'linux')
    it('is computed by a thread that leaves the cores to this one', async () => {
      const before = getPriority();
      await hashed(contentHash('sha256', content.length), content, MIB);
      assert.equal(niceOf(String(process.pid)), before);
      const others = readdirSync('/proc/self/task').filter((thread) => thread !== String(process.pid));
      assert.ok(others.some((thread) => niceOf(thread) === constants.priority.PRIORITY_BELOW_NORMAL));
    });

  it('leaves the others alone when nobody wants it any more', async () => {
    const unwanted = contentHash('sha256', content.length);
    unwanted.update(content);
    const hash = contentHash('sha256', content.length);
    const digest = hashed(hash, content, MIB);
    unwanted.abandon();
    unwanted.abandon();
    assert.equal(await digest, expected('sha256'));
  });

  it('leaves the event loop free meanwhile', async () => {
    const large = contentHash('sha256', 200 * MIB);
    let busyMs = 0;
    for (let count = 0; count < 10; count++) {
      const startedMs = performance.now();
      large.update(content);
      busyMs += performance.now() - startedMs;
      await large.room();
    }
    await large.digest();
    const startedMs = performance.now();
    for (let count = 0; count < 10; count++) expected('sha256');
    assert.ok(busyMs < (performance.now() - startedMs) / 2, `${busyMs} ms`);
  });
});
