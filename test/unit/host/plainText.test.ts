import assert from 'node:assert/strict';
import { oneLine, plainLines, plainText, rowText } from '../../../src/host/plainText';

/** How VS Code finds links in the message of a notification. Source: its `linkedText.ts`. */
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;

describe('Text of elsewhere', () => {
  it('is one line that steers no terminal and reads in its own order', () => {
    assert.equal(oneLine('a\u001b[2Jb\r\nc\u009b1md\u2028e'), 'a [2Jb c 1md e');
    assert.equal(oneLine('gpj.\u202eexe\u2069'), 'gpj. exe ');
    assert.equal(oneLine('größe 世界 👩‍💻 \ufb01'), 'größe 世界 👩‍💻 \ufb01');
  });

  it('is cut where it does not end', () => {
    assert.equal(oneLine('x'.repeat(4_000)).length, 4_000);
    assert.equal(oneLine('x'.repeat(4_000_000)), `${'x'.repeat(4_000)}…`);
  });

  it('keeps the lines of a question, without links and with an end', () => {
    assert.equal(plainLines('one\n[two](command:x)\u0007'), 'one\n[two] (command:x) ');
    assert.ok(plainLines('a\n'.repeat(1_000_000)).length < 4_100);
  });

  it('is no icon in a list, and short there', () => {
    assert.equal(rowText('$(verified) linux/$(x~spin)'), '$ (verified) linux/$ (x~spin)');
    assert.equal(rowText('x'.repeat(4_000_000)), `${'x'.repeat(200)}…`);
  });

  it('becomes no link in a notification', () => {
    for (const link of [
      '[Sign in](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22x%22%7D)',
      '[a]\u0000(command:x)',
      '[[a](command:x)](command:y)',
      '[here](https://evil.example/)',
    ]) {
      assert.doesNotMatch(plainText(`denied: ${link}`), LINK);
    }
    assert.match('[Sign in](command:x)', LINK);
  });
});
