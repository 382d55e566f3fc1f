import assert from 'node:assert/strict';
import { MAX_ANNOTATION_FILE_BYTES, parseAnnotationFile } from '../../../src/oci/annotationFile';

describe('parseAnnotationFile', () => {
  const parse = (text: string) => parseAnnotationFile(Buffer.from(text), 'a.json');

  it('reads the parts of an artifact', () => {
    const text =
      '{"$manifest":{"a":"1"},"$config":{"b":"2"},"sub/c.txt":{"c":"3"},"d":null,"__proto__":{"e":"5"}}';
    const { manifest, config, files } = parse(text);
    assert.deepEqual([manifest, config], [{ a: '1' }, { b: '2' }]);
    assert.deepEqual(
      [...files],
      [
        ['sub/c.txt', { c: '3' }],
        ['d', {}],
        ['__proto__', { e: '5' }],
      ],
    );
  });

  it('takes an empty one', () => {
    const { manifest, config, files } = parse('{}');
    assert.deepEqual([manifest, config, files.size], [{}, {}, 0]);
  });

  for (const [text, said] of [
    ['', /a\.json cannot be used: it is not JSON/],
    ['[]', /it has the form/],
    ['{"$manifest":"a"}', /"\$manifest" is not an object of annotations/],
    ['{"x":{"a":1}}', /the annotation "a" of "x" is not a text/],
    ['{"x":{"a":null}}', /the annotation "a" of "x" is not a text/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text)}`, () => {
      assert.throws(() => parse(text), said);
    });
  }

  it('refuses what no manifest could hold, and what is not UTF-8', () => {
    assert.throws(
      () => parseAnnotationFile(Buffer.alloc(MAX_ANNOTATION_FILE_BYTES + 1, ' '), 'a.json'),
      /larger than/,
    );
    assert.throws(() => parseAnnotationFile(Buffer.from([0x7b, 0xff, 0x7d]), 'a.json'), /not JSON/);
  });
});
