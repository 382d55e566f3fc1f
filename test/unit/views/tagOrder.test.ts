import assert from 'node:assert/strict';
import { sortTags } from '../../../src/views/tagOrder';

describe('sortTags', () => {
  const tags = [
    'latest',
    'v10.0.0',
    'v2.0.0',
    '1.0.0-rc.1',
    '1.0.0',
    'v1.0.0_build.2',
    'nightly-10',
    'nightly-9',
  ];

  it('leaves the order of the registry alone', () => {
    assert.deepEqual(sortTags(tags, 'registry'), tags);
  });

  it('takes numbers in names as numbers', () => {
    const names = ['v10', 'v9', 'V2', 'a', 'v1.10', 'v1.9'];
    assert.deepEqual(sortTags(names, 'name'), ['a', 'v1.9', 'v1.10', 'V2', 'v9', 'v10']);
  });

  it('puts the newest version first, a release before its candidates, what is no version last', () => {
    assert.deepEqual(sortTags(tags, 'version'), [
      'v10.0.0',
      'v2.0.0',
      'v1.0.0_build.2',
      '1.0.0',
      '1.0.0-rc.1',
      'latest',
      'nightly-9',
      'nightly-10',
    ]);
  });

  it('puts the newest first by date, and what has no date last, by name', () => {
    const dates = new Map([
      ['old', 1],
      ['new', 3],
      ['middle', 2],
    ]);
    const names = ['b', 'old', 'a', 'new', 'middle'];
    assert.deepEqual(sortTags(names, 'date', dates), ['new', 'middle', 'old', 'a', 'b']);
  });

  it('changes nothing in the list it is given', () => {
    const given = ['b', 'a'];
    sortTags(given, 'name');
    assert.deepEqual(given, ['b', 'a']);
  });
});
