import assert from 'node:assert/strict';
import { InvalidContentError } from '../../../../src/oci/errors';
import { parseHelmIgnore } from '../../../../src/targets/folder/helmIgnore';

const cases: readonly (readonly [rules: string, path: string, ignored: boolean, isFolder?: true])[] = [
  ['*.tmp', 'deep/er/a.tmp', true],
  ['*.tmp', 'a.tmpl', false],
  ['docs/*.md', 'docs/a.md', true],
  ['docs/*.md', 'docs/deep/a.md', false],
  ['/a.txt', 'a.txt', true],
  ['/a.txt', 'sub/a.txt', false],
  ['build/', 'build', true, true],
  ['build/', 'build', false],
  ['?.txt', 'a.txt', true],
  ['?.txt', 'ab.txt', false],
  ['[a-c].txt', 'b.txt', true],
  ['[^a-c].txt', 'b.txt', false],
  ['[\\a\\]].txt', ']a.txt', false],
  ['[\\a\\]].txt', '].txt', true],
  ['[\\a-c].txt', 'b.txt', true],
  ['a\\*.txt', 'a*.txt', true],
  ['a\\*.txt', 'ab.txt', false],
  ['# *.txt', 'a.txt', false],
  ['  *.txt  ', 'a.txt', true],
  ['\ufeff*.txt', 'a.txt', true],
  ['!keep.txt', 'other.txt', true],
  ['!keep.txt', 'keep.txt', false],
  ['', 'templates/.hidden', true],
  ['', 'templates/shown', false],
  ['(a|b)+.txt', '(a|b)+.txt', true],
];

describe('.helmignore', () => {
  for (const [rules, path, ignored, isFolder = false] of cases) {
    it(`${JSON.stringify(rules)} ${ignored ? 'leaves out' : 'keeps'} ${isFolder ? 'the folder ' : ''}${path}`, () => {
      assert.equal(parseHelmIgnore(rules)(path, isFolder), ignored);
    });
  }

  it('refuses a range without an order', () => {
    assert.throws(() => parseHelmIgnore('[z-a]'), InvalidContentError);
  });

  it('refuses a double star, as Helm does', () => {
    assert.throws(() => parseHelmIgnore('**/a'), InvalidContentError);
  });
});
