import assert from 'node:assert/strict';
import { parsePushDefinition } from '../../../src/oci/pushDefinition';

const TO = 'localhost:5000/team/policies:v1,latest';

describe('parsePushDefinition', () => {
  const parse = (value: unknown) => parsePushDefinition(value, '"policies"');

  it('reads files and a config by their path alone, and keeps the rest as it is', () => {
    const rest = {
      to: TO,
      artifactType: 'application/vnd.example.v1',
      annotations: { a: '1' },
      imageSpec: 'v1.1',
      keepModes: true,
      mountFrom: ['team/base'],
    };
    const named = { path: 'b.json', title: 'c.json', mediaType: 'application/json', annotations: {} };
    assert.deepEqual(parse({ ...rest, files: ['a', named], config: 'config.json' }), {
      ...rest,
      files: [{ path: 'a' }, named],
      config: { path: 'config.json' },
    });
  });

  it('takes one without files', () => {
    assert.deepEqual(parse({ to: TO }), { to: TO, files: [] });
  });

  for (const [value, said] of [
    [[], /"policies" cannot be used: it is not an object/],
    [{}, /"to" is missing/],
    [{ to: 'nowhere' }, /"to" is no destination: .*nowhere/],
    [{ to: 1 }, /"to" is not a text/],
    [{ to: TO, artefactType: 'a/b' }, /"artefactType" is not known/],
    [{ to: TO, constructor: 'a' }, /"constructor" is not known/],
    [{ to: TO, files: 'a' }, /"files" is not a list/],
    [{ to: TO, files: [1] }, /"files\[0\]" is neither a text nor an object/],
    [{ to: TO, files: [{ title: 'a' }] }, /"files\[0\].path" is missing/],
    [{ to: TO, files: [{ path: 'a', type: 'b' }] }, /"files\[0\].type" is not known/],
    [{ to: TO, files: [''] }, /"files\[0\]" is not a text/],
    [{ to: TO, config: { path: 'a', title: 'b' } }, /"config.title" is not known/],
    [{ to: TO, annotations: { a: 1 } }, /"annotations.a" is not a text/],
    [{ to: TO, imageSpec: '1.1' }, /"imageSpec" is neither "v1.1" nor "v1.0"/],
    [{ to: TO, artifactPlatform: 'linux' }, /"artifactPlatform" is no platform: .*os\/architecture/],
    [{ to: TO, force: 'yes' }, /"force" is neither true nor false/],
    [{ to: TO, mountFrom: 'a' }, /"mountFrom" is not a list/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(value)}`, () => {
      assert.throws(() => parse(value), said);
    });
  }
});
