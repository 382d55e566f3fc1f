import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { ArrivingBytes } from '../../../src/oci/arrivingBytes';
import { ContentCheck, digestOf, type Digest } from '../../../src/oci/digest';
import { ContentMismatchError } from '../../../src/oci/errors';

const content = randomBytes(100);
const pieces = [content.subarray(0, 30), content.subarray(30, 60), content.subarray(60)];
const failure = new Error('the line broke');

async function read(stream: ArrivingBytes, into: Buffer[] = []): Promise<Buffer[]> {
  for await (const chunk of stream as AsyncIterable<Buffer>) into.push(chunk);
  return into;
}

function checked(size = content.length, digest = digestOf(content)): ArrivingBytes {
  return new ArrivingBytes({ check: new ContentCheck({ digest, size }, 'here') });
}

describe('bytes that arrive', () => {
  it('are read as the pieces that came, uncopied', async () => {
    const stream = new ArrivingBytes();
    for (const piece of pieces) stream.write(piece);
    stream.end();
    const got = await read(stream);
    assert.equal(got.length, pieces.length);
    for (const [index, piece] of pieces.entries()) assert.strictEqual(got[index], piece);
  });

  it('are read before a failure is, one by one', async () => {
    const stream = new ArrivingBytes();
    for (const piece of pieces) stream.write(piece);
    stream.fail(failure);
    const got: Buffer[] = [];
    await assert.rejects(read(stream, got), failure);
    assert.deepEqual(Buffer.concat(got), content);
  });

  it('are read before a failure is, as events', async () => {
    const stream = new ArrivingBytes();
    for (const piece of pieces) stream.write(piece);
    stream.fail(failure);
    const got: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => got.push(chunk));
    const [error] = (await once(stream, 'error')) as [unknown];
    assert.equal(error, failure);
    assert.deepEqual(Buffer.concat(got), content);
  });

  it('are kept, in their order, by a reader that stops', async () => {
    const stream = new ArrivingBytes();
    for (const piece of pieces) stream.write(piece);
    const got: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      got.push(chunk);
      break;
    }
    assert.deepEqual(Buffer.concat([...got, ...stream.takeUnread()]), content);
    assert.deepEqual(stream.takeUnread(), []);
  });

  it('fail at once where nothing waits', async () => {
    const stream = new ArrivingBytes();
    stream.fail(failure);
    const [error] = (await once(stream, 'error')) as [unknown];
    assert.equal(error, failure);
  });

  it('tell when there is room again', async () => {
    const stream = new ArrivingBytes({ roomBytes: 50 });
    assert.equal(stream.write(pieces[0] as Buffer), true);
    assert.equal(stream.write(pieces[1] as Buffer), false);
    let drained = 0;
    stream.on('drain', () => drained++);
    const reading = read(stream);
    await once(stream, 'drain');
    stream.write(pieces[2] as Buffer);
    stream.end();
    assert.deepEqual(Buffer.concat(await reading), content);
    assert.equal(drained, 1);
  });

  it('are refused at the piece that is too much', async () => {
    const stream = checked(50);
    const reading = read(stream);
    for (const piece of pieces) stream.write(piece);
    await assert.rejects(reading, ContentMismatchError);
  });

  it('are refused at their end when they are not what was asked for', async () => {
    const stream = checked(content.length, digestOf('other'));
    const reading = read(stream);
    for (const piece of pieces) stream.write(piece);
    stream.end();
    await assert.rejects(reading, ContentMismatchError);
  });

  it('end well when they are', async () => {
    const stream = checked();
    for (const piece of pieces) stream.write(piece);
    stream.end();
    assert.deepEqual(Buffer.concat(await read(stream)), content);
  });

  describe('of a large content, which another thread checks', () => {
    const large = randomBytes(20 * 1024 * 1024);
    const arrive = async (digest: Digest) => {
      const stream = checked(large.length, digest);
      const reading = read(stream);
      // Its failure may come before anybody looks.
      reading.catch(() => undefined);
      for (let position = 0; position < large.length; position += 1_000_000) {
        const hasRoom = stream.write(large.subarray(position, position + 1_000_000));
        if (!hasRoom) await once(stream, 'drain');
      }
      stream.end();
      return Buffer.concat(await reading);
    };

    it('end well when they are what was asked for', async () => {
      assert.ok((await arrive(digestOf(large))).equals(large));
    });

    it('are refused when they are not', () =>
      assert.rejects(arrive(digestOf('other')), ContentMismatchError));

    it('do not end before the check is through', async () => {
      const stream = checked(large.length, digestOf(large));
      let isEnded = false;
      const reading = read(stream).finally(() => (isEnded = true));
      stream.write(large);
      stream.end();
      await new Promise(setImmediate);
      assert.equal(isEnded, false);
      assert.ok(Buffer.concat(await reading).equals(large));
    });

    it('may be given up while the check is at work', async () => {
      const stream = checked(large.length, digestOf(large));
      stream.write(large);
      stream.end();
      stream.destroy(failure);
      const [error] = (await once(stream, 'error')) as [unknown];
      assert.equal(error, failure);
    });
  });
});
