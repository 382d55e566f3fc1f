import assert from 'node:assert/strict';
import { endOfToken, jwtClaims } from '../../../src/oci/jwtClaims';

describe('claims of a token', () => {
  const token = (payload: string) => `e30.${Buffer.from(payload).toString('base64url')}.sig`;

  it('are read without a look at the signature', () => {
    assert.deepEqual(jwtClaims(token('{"tid":"t","exp":5}')), { tid: 't', exp: 5 });
    assert.equal(endOfToken(token('{"exp":5}')), 5000);
  });

  const others = [
    '',
    'opaque',
    'a.b',
    'a.b.c.d',
    token('not json'),
    token('"text"'),
    `a.${'x'.repeat(70_000)}.c`,
  ];
  for (const other of others) {
    it(`are none in ${JSON.stringify(other.slice(0, 30))}`, () => {
      assert.deepEqual(jwtClaims(other), {});
      assert.equal(endOfToken(other), undefined);
    });
  }
  it('tell no end that is not a number', () => {
    assert.equal(endOfToken(token('{"exp":"soon"}')), undefined);
  });
});
