import assert from 'node:assert/strict';
import { cut, quoted } from '../../../src/oci/boundedText';

describe('A bounded text', () => {
  it('is not cut inside a character', () => {
    assert.equal(cut('ab', 2), 'ab');
    assert.equal(cut('a\u{1f600}b', 2), 'a…');
    assert.equal(cut('a\u{1f600}b', 3), 'a\u{1f600}…');
  });

  it('has 1,000 characters within a message, its ellipsis included', () => {
    assert.equal(quoted('x'.repeat(1_000)), 'x'.repeat(1_000));
    assert.equal(quoted('x'.repeat(1_001)), `${'x'.repeat(999)}…`);
  });
});
