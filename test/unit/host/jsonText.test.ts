import assert from 'node:assert/strict';
import { compactJson, prettyJson } from '../../../src/host/jsonText';

describe('the text of JSON', () => {
  it('is laid out for reading and back without changing a byte of its values', () => {
    const compact = '{"a":"\\u003cb\\u003e & ü","n":1.50,"list":[],"deep":{"x":null,"y":[1,2]}}';
    const pretty = prettyJson(compact);
    assert.match(pretty, /\n {2}"n": 1\.50,\n/);
    assert.equal(compactJson(pretty), compact);
  });

  it('loses white space and comments, not what is in strings', () => {
    assert.equal(compactJson('{ // why\n "a b" : " // c " /* d */ }\n'), '{"a b":" // c "}');
  });

  it('that is broken stays broken', () => {
    assert.throws(() => JSON.parse(compactJson('{"a": 1,, "b"')));
  });
});
