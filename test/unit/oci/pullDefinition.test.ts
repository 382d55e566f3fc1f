import assert from 'node:assert/strict';
import { parsePullDefinition, parseSource } from '../../../src/oci/pullDefinition';

const FROM = 'localhost:5000/team/policies:v1';

describe('parsePullDefinition', () => {
  const parse = (value: unknown) => parsePullDefinition(value, '"base"');

  it('keeps what it is given', () => {
    const definition = {
      from: FROM,
      into: 'vendor/policies',
      platform: 'linux/arm64',
      mediaTypes: ['text/plain'],
      titles: ['a.txt'],
      includeSubject: true,
      configTo: 'meta/config.json',
      nameUntitled: true,
      keepModes: true,
      keepExisting: false,
    };
    assert.deepEqual(parse(definition), definition);
  });

  for (const [value, said] of [
    [{ from: FROM }, /"base" cannot be used: "into" is missing/],
    [{ into: 'a' }, /"from" is missing/],
    [
      { from: 'localhost:5000/team/policies', into: 'a' },
      /"from" is no reference.*neither a tag nor a digest/,
    ],
    [{ from: 'layout:/a/b:v1,v2', into: 'a' }, /"from" is no reference to pull: .*v1,v2/],
    [{ from: FROM, into: 'a', to: 'b' }, /"to" is not known/],
    [{ from: FROM, into: '' }, /"into" is not a text/],
    [{ from: FROM, into: 'a', platform: 'linux' }, /"platform" is no platform/],
    [{ from: FROM, into: 'a', titles: ['b', 1] }, /"titles\[1\]" is not a text/],
    [
      { from: FROM, into: 'a', configTo: '../b' },
      /"configTo" cannot be a file below "into": it has a "\.\." part/,
    ],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(value)}`, () => {
      assert.throws(() => parse(value), said);
    });
  }
});

describe('parseSource', () => {
  it('takes the tag of a layout', () => {
    const { registry, repository, tag } = parseSource('layout:/out/layout:v1');
    assert.deepEqual([registry, repository, tag], ['layout:/out', 'layout', 'v1']);
  });
});
