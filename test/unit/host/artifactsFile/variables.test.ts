import assert from 'node:assert/strict';
import { fillIn, withoutVariables } from '../../../../src/host/artifactsFile/variables';

describe('fillIn', () => {
  const upper = async (kind: string, name: string) => `<${kind} ${name.toUpperCase()}>`;

  it('fills in variables in every text, and leaves names and other values alone', async () => {
    const value = {
      to: 'host/name:${env:version}-${file:a/b.txt}',
      files: ['${env:file}', { path: 'a' }],
      annotations: { '${env:name}': 'plain' },
      force: true,
    };
    assert.deepEqual(await fillIn(value, upper), {
      to: 'host/name:<env VERSION>-<file A/B.TXT>',
      files: ['<env FILE>', { path: 'a' }],
      annotations: { '${env:name}': 'plain' },
      force: true,
    });
  });

  it('tells where the variable stands', async () => {
    const seen: unknown[] = [];
    await fillIn({ files: ['a', { path: '${env:X}' }] }, async (kind, name, path) => {
      seen.push([kind, name, path]);
      return '';
    });
    assert.deepEqual(seen, [['env', 'X', ['files', 1, 'path']]]);
  });

  it('does not fill in what was filled in', async () => {
    assert.equal(await fillIn('${env:A}', async () => '${env:B} $& $1'), '${env:B} $& $1');
  });

  for (const text of ['${env:A}', '$${env:A}', 'a ${b} $${c} ${}', 'plain $5']) {
    it(`gives ${text} back as it was without variables`, async () => {
      const { text: back } = (await fillIn(withoutVariables({ text }), upper)) as { text: string };
      assert.equal(back, text);
    });
  }
});
