import assert from 'node:assert/strict';
import { InvalidReferenceError } from '../../../src/oci/errors';
import { parsePlace } from '../../../src/oci/place';
import { formatReference } from '../../../src/oci/reference';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parsePlace', () => {
  for (const [text, expected] of [
    ['registry.example/team/app:v1', { registry: 'registry.example', repository: 'team/app', tag: 'v1' }],
    ['layout:/My folder/Lay_Out', { registry: 'layout:/My folder', repository: 'Lay_Out' }],
    ['layout:/data/lay:v1', { registry: 'layout:/data', repository: 'lay', tag: 'v1' }],
    [`layout:/data/lay.tar@${digest}`, { registry: 'layout:/data', repository: 'lay.tar', digest }],
    [`layout:/data/lay:v1@${digest}`, { registry: 'layout:/data', repository: 'lay', tag: 'v1', digest }],
    ['layout:/a:b/lay', { registry: 'layout:/a:b', repository: 'lay' }],
  ] as const) {
    it(`reads ${text.slice(0, 40)}, which is written again`, () => {
      assert.deepEqual(parsePlace(` ${text} `), expected);
      assert.equal(formatReference(parsePlace(text)), text);
    });
  }

  it('takes a path that ends with a separator', () => {
    assert.deepEqual(parsePlace('layout:/data/lay/'), { registry: 'layout:/data', repository: 'lay' });
  });

  for (const text of [
    'layout:/',
    'layout:/data/lay:',
    'layout:/data/lay:-a',
    'layout:/data/lay@sha256:1',
    'x',
  ])
    it(`refuses "${text}"`, () => assert.throws(() => parsePlace(text), InvalidReferenceError));
});
