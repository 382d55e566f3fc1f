import assert from 'node:assert/strict';
import { matchesFilter, shownRepositories, shownTags } from '../../../src/views/shownNames';

const view = { order: 'registry', hidesDigestTags: false } as const;

describe('matchesFilter', () => {
  const cases: readonly (readonly [name: string, filter: string, matches: boolean])[] = [
    ['team/app', '', true],
    ['team/app', 'APP', true],
    ['team/app', 'ap.', false],
    ['v1.2', 'v1.*', true],
    ['rv1.2', 'v1.*', false],
    ['v1.2-rc', '*-rc', true],
    ['v1.2-rc1', '*-rc', false],
    ['a-b-c', 'a*b*c', true],
    ['aba', 'ab*ba', false],
    ['v1', 'v1*v1', false],
  ];
  for (const [name, filter, matches] of cases) {
    it(`${matches ? 'shows' : 'hides'} ${name} for "${filter}"`, () => {
      assert.equal(matchesFilter(name, filter), matches);
    });
  }
});

describe('shownTags', () => {
  const list = `sha256-${'a'.repeat(64)}`;
  const tags = ['v2', list, `${list}.sig`, `sha512-${'b'.repeat(64)}`, 'sha256-short', 'v10'];

  it('hides the tags that are named by a digest when told so, and no others', () => {
    assert.deepEqual(shownTags(tags, view), tags);
    assert.deepEqual(shownTags(tags, { ...view, hidesDigestTags: true }), ['v2', 'sha256-short', 'v10']);
  });

  it('filters and sorts', () => {
    assert.deepEqual(shownTags(['v10', 'x', 'v2'], { ...view, filter: 'v', order: 'name' }), ['v2', 'v10']);
  });
});

describe('shownRepositories', () => {
  it('filters, and leaves order and names to the registry', () => {
    const names = ['b/app', `a/sha256-${'a'.repeat(64)}`, 'a/app'];
    assert.deepEqual(shownRepositories(names, { ...view, filter: 'app', hidesDigestTags: true }), [
      'b/app',
      'a/app',
    ]);
    assert.deepEqual(shownRepositories(names, { ...view, hidesDigestTags: true }), names);
  });
});
