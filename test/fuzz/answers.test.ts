import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boundedMessage, MAX_MESSAGE_LENGTH, MAX_QUOTED_LENGTH, quoted } from '../../src/oci/boundedText';
import { isDigest } from '../../src/oci/digest';
import { InvalidContentError, LinkStepsError } from '../../src/oci/errors';
import { LinkResolver } from '../../src/targets/folder/linkTarget';
import { zstdFrames } from '../../src/targets/folder/zstdFrames';
import { listedReferrers } from '../../src/targets/registry/referrerList';
import { bodyWords, refusalDetails } from '../../src/transport/refusalWords';
import { asyncLaw, fuzz, hostileText, law, only, recordOf } from '../support/fuzz';

const MARK = 'hunter2-marked';
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', 'DENIED', 'x'.repeat(3_000), '\u202e\u0000', 'https://a.example/?token=hunter2-marked'),
);
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    words,
    fc.constantFrom(null, true, 0, -1, 1e308),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('code', 'message', 'detail', 'errors', 'error', 'a'), tie('value')),
    recordOf({ password: fc.constant(MARK), accessToken: fc.constant(MARK), 'api-key': fc.constant(MARK) }),
  ),
})).value;

fuzz('Reason of a refusal', [
  law('any body gives few reasons, each of one bounded line and without a secret', values, (body) => {
    const details = refusalDetails(JSON.stringify(body));
    assert.ok(details.length <= 10);
    for (const { code, message, detail = '' } of details)
      for (const text of [code, message, detail]) assert.match(text, /^[^\p{Cc}]{0,500}$/su);
    assert.ok(!JSON.stringify(details).includes(MARK));
  }),
  law('a body without reasons is one bounded line', words, (body) =>
    assert.match(bodyWords(body), /^[^\p{Cc}]{0,500}$/su),
  ),
]);

const long = fc.tuple(fc.constantFrom('a', '/', '"', ' ', '(', '\ud83d\ude00', '\u0301'), fc.nat(9_000));
const longTexts = fc
  .array(
    long.map(([unit, times]) => unit.repeat(times)),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(' '));

fuzz(
  'Bounded message',
  [
    law('a message has an end, and bounding it again changes nothing', longTexts, (text) => {
      const message = boundedMessage(text);
      assert.ok(message.length <= MAX_MESSAGE_LENGTH);
      assert.equal(boundedMessage(message), message);
    }),
    law('a quoted text has an end, and no half of a pair', longTexts, (text) => {
      assert.ok(quoted(text).length <= MAX_QUOTED_LENGTH);
      assert.equal(Buffer.from(quoted(text)).toString(), quoted(text));
    }),
  ],
  { share: 0.1 },
);

const digest = fc.constantFrom('a', 'b', 'c').map((letter) => `sha256:${letter.repeat(64)}`);
const entries = fc.oneof(
  recordOf({
    mediaType: fc.constantFrom('application/vnd.oci.image.manifest.v1+json', '', 7),
    digest: fc.oneof(digest, fc.constantFrom('sha256:', 'md5:00', null)),
    size: fc.constantFrom(10, 0, -1, 1.5, '10', null),
    artifactType: fc.constantFrom('application/vnd.x', null, undefined),
    annotations: fc.constantFrom({}, { a: 'b' }, { a: 1 }, null, undefined),
  }),
  values,
);

fuzz('List of referrers', [
  law(
    'bad entries hide no good one, and each digest comes once',
    fc.array(entries, { maxLength: 5 }),
    (list) => {
      const good = {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${'d'.repeat(64)}`,
        size: 3,
      };
      const text = JSON.stringify({ manifests: [...list, good] });
      const listed = listedReferrers(Buffer.from(text), undefined, 'list') ?? assert.fail('no list');
      const found = listed.entries;
      assert.equal(new Set(found.map((each) => each.digest)).size, found.length);
      assert.ok(found.every((each) => isDigest(each.digest) && each.size >= 0));
      assert.ok(found.some((each) => each.digest === good.digest));
      assert.ok(listed.unusable + found.length <= list.length + 1);
    },
  ),
  law(
    'any bytes are a list, no list, or refused by name',
    hostileText('{', '}', '"manifests"', ':', '[', ']', 'null'),
    (text) => {
      only(InvalidContentError, () => listedReferrers(Buffer.from(text), undefined, 'list'));
    },
  ),
]);

const rawBlock = fc.uint8Array({ maxLength: 20 });
const frame = rawBlock.map((bytes) => ({ bytes: zstdFrame(bytes), isShown: true }));
const skippable = fc
  .tuple(fc.nat(15), rawBlock)
  .map(([low, bytes]) => ({ bytes: skippableFrame(low, bytes), isShown: false }));
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

fuzz(
  'zstd frames',
  [
    asyncLaw(
      'frames come whole and skippable ones are left out, however the bytes arrive',
      fc.tuple(fc.array(fc.oneof(frame, skippable), { minLength: 1, maxLength: 6 }), cuts),
      async ([frames, sizes]) => {
        const all = Buffer.concat(frames.map(({ bytes }) => bytes));
        const shown = Buffer.concat(frames.filter(({ isShown }) => isShown).map(({ bytes }) => bytes));
        assert.deepEqual(await gathered(all, sizes), shown);
      },
    ),
    asyncLaw(
      'any bytes end, in frames or in a named error',
      fc.tuple(fc.uint8Array({ maxLength: 60 }), cuts),
      async ([bytes, sizes]) => {
        const all = Buffer.concat([zstdFrame(Buffer.from('x')), bytes]);
        await gathered(all, sizes).catch((error: unknown) => assert.ok(error instanceof InvalidContentError));
      },
    ),
  ],
  { share: 0.2 },
);

async function gathered(all: Buffer, sizes: readonly number[]): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0, turn = 0; at < all.length; turn++) {
      const size = sizes[turn % sizes.length] ?? 1;
      yield await Promise.resolve(all.subarray(at, at + size));
      at += size;
    }
  }
  const shown: Buffer[] = [];
  for await (const piece of zstdFrames(pieces(), 'stream')) shown.push(Buffer.from(piece));
  return Buffer.concat(shown);
}

/** A frame of one raw block. Spec: RFC 8878, section 3.1.1. */
function zstdFrame(content: Uint8Array): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, content.length]);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([header, block, content]);
}

function skippableFrame(low: number, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0x184d2a50 + low, 0);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const target = fc
  .array(fc.oneof({ arbitrary: name, weight: 4 }, fc.constantFrom('..', '.', '')), { maxLength: 6 })
  .map((parts) => parts.join('/'));
const links = fc.dictionary(name, target, { noNullPrototype: true });

fuzz(
  'Links over links',
  [
    asyncLaw(
      'each is judged within its steps, and one that leaves the folder is refused',
      links,
      async (map) => {
        const rules = { where: 'layer', platform: 'linux' as const, mostSteps: 5_000 };
        const resolver = new LinkResolver((parts) => map[parts.join('/')], rules);
        for (const [link, to] of Object.entries(map)) {
          const problem = await resolver.problem(link, to).catch((error: unknown) => {
            assert.ok(error instanceof LinkStepsError);
            return 'too many steps';
          });
          if (to.split('/')[0] === '..') assert.ok(problem);
        }
      },
    ),
  ],
  { share: 0.2 },
);
