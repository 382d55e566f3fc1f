import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseContentRange, parseRange } from '../../src/localRegistry/byteRange';
import { nextLink } from '../../src/targets/registry/linkHeader';
import { parseChallenges } from '../../src/transport/auth/challenge';
import { mergeScopes, splitScopes } from '../../src/transport/auth/scope';
import { retryAfterMs } from '../../src/transport/retry';
import { parseWarnings } from '../../src/transport/warnings';
import { fuzz, hostileText, law, textOf } from '../support/fuzz';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const TOKEN = `${LOWER}ABCXYZ0123456789!#$%&'*+-.^_\`|~`;
const space = fc.constantFrom(' ', '  ', '\t');
const maybeSpace = fc.constantFrom('', ' ', ' \t ');
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

fuzz('Challenge', [
  law(
    'any header is read into challenges with names in lower case',
    hostileText(
      'Bearer ',
      'Basic',
      'realm=',
      '"',
      '\\',
      ',',
      ' ',
      '=',
      'https://a.example/t',
      'dG9rZW4=',
      'scope="x"',
    ),
    (header) => {
      for (const { scheme, parameters } of parseChallenges(header)) {
        assert.equal(scheme, scheme.toLowerCase());
        for (const [name, value] of Object.entries(parameters)) {
          assert.equal(name, name.toLowerCase());
          assert.equal(typeof value, 'string');
        }
      }
    },
  ),
  law(
    'challenges come back as they were written, whatever the spacing, case and quoting',
    writtenChallenges(),
    (written) => {
      assert.deepEqual(
        parseChallenges(written.header).map(({ scheme, parameters }) => ({
          scheme,
          parameters: { ...parameters },
        })),
        written.challenges,
      );
    },
  ),
  law('scopes are merged once and for all', fc.array(scope(), { maxLength: 6 }), (scopes) => {
    const merged = mergeScopes(scopes);
    assert.deepEqual(mergeScopes(merged), merged);
    assert.deepEqual(mergeScopes(splitScopes(merged.join(' '))), merged);
    const actions = (list: readonly string[], at: string) =>
      new Set(
        list
          .filter((each) => each.startsWith(`${at}:`))
          .flatMap((each) => each.slice(at.length + 1).split(',')),
      );
    for (const each of scopes) {
      const resource = each.slice(0, each.lastIndexOf(':'));
      assert.deepEqual(actions(merged, resource), actions(scopes, resource));
    }
  }),
]);

function scope() {
  return fc
    .tuple(
      fc.constantFrom('repository:a/b', 'repository:host:5000/c', 'registry:catalog'),
      fc.subarray(['pull', 'push', 'delete', '*'], { minLength: 1 }),
    )
    .map(([resource, actions]) => `${resource}:${actions.join(',')}`);
}

function writtenChallenges() {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => ({ text, written: quoted(text) })),
    textOf(`${LOWER}0123456789:/.-`, { minLength: 1, maxLength: 12 }).map((text) => ({
      text,
      written: text,
    })),
  );
  const name = textOf(`${LOWER}ABC0_-`, { minLength: 1, maxLength: 8 });
  const parameter = fc.tuple(name, value, maybeSpace).map(([key, { text, written }, gap]) => ({
    key: key.toLowerCase(),
    text,
    written: `${key}${gap}=${gap}${written}`,
  }));
  const parameters = fc.uniqueArray(parameter, { minLength: 1, maxLength: 4, selector: ({ key }) => key });
  const challenge = fc.tuple(textOf(TOKEN, { minLength: 1, maxLength: 8 }), space, parameters);
  return fc.tuple(fc.array(challenge, { minLength: 1, maxLength: 3 }), maybeSpace).map(([list, gap]) => ({
    header: list
      .map(([scheme, blank, all]) => `${scheme}${blank}${all.map(({ written }) => written).join(`${gap},`)}`)
      .join(`${gap}, `),
    challenges: list.map(([scheme, , all]) => ({
      scheme: scheme.toLowerCase(),
      parameters: Object.fromEntries(all.map(({ key, text }) => [key, text])),
    })),
  }));
}

fuzz('Link', [
  law(
    'any header gives a target or nothing',
    hostileText('<', '>', ';', ',', ' rel=', '"', 'next', 'rel="next"', '/v2/x?n=1', 'title="a, <b>"', '\\"'),
    (header) => {
      const target = nextLink(header);
      assert.ok(target === undefined || header.includes(`<${target}>`));
    },
  ),
  law(
    'the target of the first link to the next page is found among others, else of one without a relation',
    writtenLinks(),
    ({ header, expected }) => {
      assert.equal(nextLink(header), expected);
    },
  ),
]);

function writtenLinks() {
  const target = textOf(`${LOWER}0123456789/?=&%,;:`, { maxLength: 16 });
  const relation = fc.constantFrom('next', 'prev', 'NEXT', 'last next', 'next prev', 'nextish', 'x-next', '');
  const other = fc.constantFrom(
    '',
    '; title="a, b"',
    '; title="<c>; rel=next"',
    '; media=print',
    ';x',
    '; title="\\"; rel=next"',
  );
  const link = fc.tuple(target, relation, other, other, fc.boolean(), maybeSpace);
  return fc.array(link, { maxLength: 4 }).map((links) => {
    const header = links
      .map(([to, rel, before, behind, bare, gap]) => {
        const value = bare && !rel.includes(' ') ? rel : `"${rel}"`;
        const relation = rel === '' ? '' : `${gap};${gap}rel${gap}=${gap}${value}`;
        return `<${to}>${before}${relation}${behind}`;
      })
      .join(', ');
    const found =
      links.find(([, rel]) => rel.toLowerCase().split(' ').includes('next')) ??
      links.find(([, rel]) => rel === '');
    return { header, expected: found?.[0] };
  });
}

fuzz('Warning', [
  law(
    'any header gives texts or nothing',
    hostileText('299', ' - ', '"', '\\', ',', 'deprecated', ' ', '299 - "x"'),
    (header) => parseWarnings(header).every((text) => typeof text === 'string'),
  ),
  law(
    'texts come back as they were written',
    fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 16 }), { maxLength: 4 }),
    (texts) => {
      const header = texts.map((text) => `299 - ${quoted(text)}`).join(', ');
      assert.deepEqual(
        parseWarnings(header),
        texts.filter((text) => text.trim() !== ''),
      );
    },
  ),
]);

const sizes = fc.nat({ max: 1000 });

fuzz('Range and Content-Range', [
  law(
    'any range lies within the content',
    fc.tuple(hostileText('bytes=', '-', '0', '5', '999', ',', ' ', '1e3', '٣'), sizes),
    ([header, sizeBytes]) => {
      const range = parseRange(header, sizeBytes);
      if (range === undefined || range === 'unsatisfiable') return;
      assert.ok(0 <= range.start && range.start < range.end && range.end <= sizeBytes);
    },
  ),
  law(
    'a range selects the bytes that counting finds',
    fc.tuple(fc.option(sizes), fc.option(sizes), sizes),
    ([first, last, sizeBytes]) => {
      const range = parseRange(`bytes=${first ?? ''}-${last ?? ''}`, sizeBytes);
      const wanted = Array.from({ length: sizeBytes }, (_, at) => at).filter((at) =>
        first === null ? at >= sizeBytes - (last ?? 0) : at >= first && at <= (last ?? Infinity),
      );
      if (first === null && last === null) return assert.equal(range, undefined);
      if (wanted.length === 0) return assert.equal(range, 'unsatisfiable');
      assert.deepEqual(range, { start: wanted[0], end: (wanted.at(-1) ?? 0) + 1 });
    },
  ),
  law(
    'any content range is malformed or in order, and comes back as written',
    fc.oneof(
      hostileText('bytes ', '0', '-', '17', '/', '*', ' ', '99999999999999999999'),
      fc.tuple(sizes, sizes).map(([first, more]) => `bytes ${first}-${first + more}/*`),
    ),
    (header) => {
      const range = parseContentRange(header);
      if (range === 'malformed') return;
      assert.ok(range.start < range.end && Number.isSafeInteger(range.end));
      assert.deepEqual(parseContentRange(`${range.start}-${range.end - 1}`), range);
    },
  ),
]);

const nowMs = Date.UTC(2025, 0, 1);

fuzz('Retry-After', [
  law(
    'any header asks for no pause or one that is not negative',
    hostileText(
      '0',
      '17',
      '-',
      '1e9',
      '1.5',
      'Wed Jan  1 00:00:30 2025',
      'Wed, 21 Oct 2025 07:28:00 GMT',
      ' ',
      'Infinity',
      'NaN',
    ),
    (header) => {
      const pauseMs = retryAfterMs(header, nowMs);
      assert.ok(pauseMs === undefined || pauseMs >= 0);
    },
  ),
  law('seconds and dates mean what they say', fc.nat({ max: 100_000_000 }), (seconds) => {
    assert.equal(retryAfterMs(` ${seconds}`, nowMs), seconds * 1000);
    assert.equal(retryAfterMs(new Date(nowMs + seconds * 1000).toUTCString(), nowMs), seconds * 1000);
    assert.equal(retryAfterMs(new Date(nowMs - seconds * 1000).toUTCString(), nowMs), 0);
  }),
]);
