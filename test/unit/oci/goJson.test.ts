import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { goJson, sortedMap } from '../../../src/oci/goJson';

/** Text and what Go 1.26's `json.Marshal` writes for it. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['plain', '"plain"'],
  ['a<b>&c', String.raw`"a\u003cb\u003e\u0026c"`],
  ['\u2028 and \u2029', String.raw`"\u2028 and \u2029"`],
  ['quote" back\\slash / ', String.raw`"quote\" back\\slash / "`],
  ['tab\tnewline\nreturn\r', String.raw`"tab\tnewline\nreturn\r"`],
  ['\b\f\0\x01\x1f\x7f', '"\\b\\f\\u0000\\u0001\\u001f\x7f"'],
  ['é ü 漢字', '"é ü 漢字"'],
  ['😀 beyond', '"😀 beyond"'],
  ['\u0080\u009f\u00a0\ufeff\ufffd', '"\u0080\u009f\u00a0\ufeff\ufffd"'],
];

describe('JSON as Go writes it', () => {
  for (const [text, expected] of TEXTS) {
    it(`has the escapes of Go in ${expected}`, () => assert.equal(goJson(text), expected));
  }

  it('sorts the keys of a map by their bytes, numbers and characters beyond the BMP too', () => {
    const map = {
      b: '2',
      a: '1',
      é: '3',
      '\uff5e': 'fullwidth',
      '😀': 'emoji',
      Z: '4',
      _: '5',
      aa: '6',
      'a.b': '7',
      'a-b': '8',
      10: '9',
      9: '10',
    };
    const written = goJson(sortedMap(map));
    assert.match(written, /^\{"10":"9","9":"10","Z":"4","_":"5","a":"1","a-b":"8","a\.b":"7","aa":"6"/);
    const sha256 = createHash('sha256').update(written).digest('hex');
    assert.equal(sha256, '7404280b2bb35348186bb728a092ed19aa15eebf8babd10b354994bfabf0bb4c');
  });

  it('keeps the order of other objects, and leaves undefined members out', () => {
    const value = {
      z: 1,
      a: undefined,
      list: [{ y: true, b: null }, 'x'],
      map: sortedMap({ 2: 'b', '-': 'a' }),
    };
    assert.equal(goJson(value), '{"z":1,"list":[{"y":true,"b":null},"x"],"map":{"-":"a","2":"b"}}');
  });

  it('writes no map for no entries', () => {
    assert.equal(sortedMap({}), undefined);
    assert.equal(sortedMap(undefined), undefined);
  });

  it('replaces half a surrogate pair, which no UTF-8 can hold', () => {
    assert.equal(goJson(sortedMap({ 'k\ud800': 'v\udc00x' })), '{"k\ufffd":"v\ufffdx"}');
  });
});
