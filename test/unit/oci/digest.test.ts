import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  algorithmOf,
  digestOf,
  digestProblem,
  hexOf,
  isDigest,
  shortDigest,
  verifyBytes,
  VerifyingStream,
} from '../../../src/oci/digest';
import { ContentMismatchError } from '../../../src/oci/errors';

const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('A digest', () => {
  it('is computed with sha256 unless another algorithm is named', () => {
    assert.equal(digestOf(''), empty);
    assert.match(digestOf('', 'sha512'), /^sha512:cf83e1357eefb8bd[0-9a-f]{112}$/);
  });

  it('has an algorithm, a hex part and a short form', () => {
    assert.deepEqual(
      [algorithmOf(empty), hexOf(empty).length, shortDigest(empty)],
      ['sha256', 64, 'e3b0c44298fc'],
    );
  });

  for (const [text, problem] of [
    ['', /form algorithm:hex/],
    ['sha256', /form algorithm:hex/],
    [`sha256:${'a'.repeat(63)}`, /has 64 hex digits, this one 63/],
    [`sha512:${'a'.repeat(64)}`, /has 128 hex digits, this one 64/],
    [`sha256:${'A'.repeat(64)}`, /lower-case/],
    [`sha256:${'g'.repeat(64)}`, /lower-case hex/],
    [`md5:${'a'.repeat(32)}`, /"md5" is not known/],
    [`${empty}:1`, /form algorithm:hex/],
    [`../${'a'.repeat(64)}`, /form algorithm:hex/],
    [`${empty}\n`, /form algorithm:hex/],
  ] as const) {
    it(`is not ${JSON.stringify(text).slice(0, 40)}`, () => {
      assert.match(digestProblem(text) ?? '', problem);
      assert.equal(isDigest(text), false);
    });
  }
});

describe('Verification', () => {
  const content = Buffer.from('content');
  const expected = { digest: digestOf(content), size: content.length };
  const pass = async (bytes: readonly Buffer[], want = expected) => {
    const seen: Buffer[] = [];
    await pipeline(
      Readable.from(bytes),
      new VerifyingStream(want, 'a test'),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) seen.push(chunk);
      },
    );
    return Buffer.concat(seen);
  };

  it('passes what was asked for, in any pieces', async () => {
    assert.deepEqual(await pass([content.subarray(0, 3), content.subarray(3)]), content);
    verifyBytes(content, expected, 'a test');
  });

  it('refuses other bytes of the same length, naming both digests', async () => {
    const other = Buffer.from('contenu');
    const names = (error: unknown) =>
      error instanceof ContentMismatchError &&
      error.message.includes(expected.digest) &&
      error.message.includes(digestOf(other));
    await assert.rejects(pass([other]), names);
    assert.throws(() => verifyBytes(other, expected, 'a test'), names);
  });

  it('refuses what ends early or goes on', async () => {
    for (const bytes of [content.subarray(1), Buffer.concat([content, content])]) {
      await assert.rejects(pass([bytes]), ContentMismatchError);
      assert.throws(() => verifyBytes(bytes, expected, 'a test'), ContentMismatchError);
    }
  });

  it('stops an endless stream at the promised size', async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) {
          given += 1;
          yield content;
        }
      })(),
    );
    await assert.rejects(
      pipeline(endless, new VerifyingStream(expected, 'a test'), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) assert.ok(chunk);
      }),
      ContentMismatchError,
    );
    assert.ok(given < 100);
  });

  it('checks sha512 as well', async () => {
    const want = { digest: digestOf(content, 'sha512'), size: content.length };
    assert.deepEqual(await pass([content], want), content);
    await assert.rejects(pass([Buffer.from('contenu')], want), ContentMismatchError);
  });
});
