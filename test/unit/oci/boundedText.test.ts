import assert from 'node:assert/strict';
import { boundedMessage, cut, quoted, worded } from '../../../src/oci/boundedText';

describe('A bounded text', () => {
  it('is not cut inside a character', () => {
    assert.equal(cut('ab', 2), 'ab');
    assert.equal(cut('a\u{1f600}b', 2), 'a…');
    assert.equal(cut('a\u{1f600}b', 3), 'a\u{1f600}…');
  });

  it('has 1,000 characters within a message, its ellipsis included', () => {
    assert.equal(quoted('x'.repeat(1_000)), 'x'.repeat(1_000));
    assert.equal(quoted('x'.repeat(1_001)), `${'x'.repeat(599)}…${'x'.repeat(400)}`);
    assert.equal(quoted('\u{1f600}'.repeat(501)).length, 999);
  });

  it('stands in a message with each value bounded, and with what is around them', () => {
    const long = 'x'.repeat(5_000);
    assert.equal(worded`"${long}" of ${7} is ${'short'}.`, `"${quoted(long)}" of 7 is short.`);
    assert.equal(
      boundedMessage(`See (${long}), "${long}": no.`),
      `See (${quoted(long)}), "${quoted(long)}": no.`,
    );
    assert.equal(boundedMessage('a b '.repeat(5_000)).length, 4_000);
  });
});
