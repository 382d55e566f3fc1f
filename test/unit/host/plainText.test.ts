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
    const words = (count: number) => 'xyz '.repeat(count);
    assert.equal(oneLine(words(1_000)), words(1_000));
    assert.equal(oneLine(words(1_000_000)), `${words(1_000).slice(0, -1)}…`);
    assert.equal(oneLine(`a ${'x'.repeat(4_000_000)} z`).length, 1_002);
    assert.equal(
      oneLine(`The path "${'x'.repeat(1_001)}": no.`),
      `The path "${'x'.repeat(599)}…${'x'.repeat(400)}": no.`,
    );
  });

  it('keeps the lines of a question, without links and with an end', () => {
    assert.equal(plainLines('one\n[two](command:x)\u0007'), 'one\n[two] (command:x) ');
    for (const text of ['a\n', '](', 'a](b\n', '](\n']) {
      for (const show of [plainLines, plainText, oneLine]) {
        assert.ok(show(text.repeat(1_000_000)).length <= 4_000, show.name);
      }
    }
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
