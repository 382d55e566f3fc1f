import assert from 'node:assert/strict';
import { pathBoundProblem } from '../../../src/oci/pathBounds';

describe('the bound of a path from outside', () => {
  const platforms = ['linux', 'darwin', 'win32'] as const;
  const parts = (count: number, part = 'a') => Array.from({ length: count }, () => part).join('/');

  it('is 4,096 bytes of UTF-8', () => {
    for (const platform of platforms) {
      assert.equal(pathBoundProblem(`${parts(16, 'x'.repeat(255))}`, platform), undefined);
      assert.match(
        pathBoundProblem(`${parts(16, 'x'.repeat(255))}/x`, platform) ?? '',
        /longer than 4096 bytes/,
      );
      assert.match(pathBoundProblem(parts(20, '世'.repeat(80)), platform) ?? '', /longer than 4096 bytes/);
    }
  });

  it('is 256 parts, empty ones and dots included', () => {
    for (const platform of platforms) {
      assert.equal(pathBoundProblem(parts(256), platform), undefined);
      for (const path of [parts(257), '/'.repeat(256), './'.repeat(256)])
        assert.match(pathBoundProblem(path, platform) ?? '', /more than 256 parts/);
    }
    assert.match(pathBoundProblem('a\\'.repeat(256), 'win32') ?? '', /more than 256 parts/);
  });

  it('is 255 bytes a part, and 255 UTF-16 units on Windows', () => {
    const wide = '世'.repeat(255);
    assert.equal(pathBoundProblem(`a/${wide}`, 'win32'), undefined);
    assert.match(pathBoundProblem(`a/${wide}世`, 'win32') ?? '', /longer than 255 characters/);
    assert.match(pathBoundProblem(`${'😀'.repeat(128)}`, 'win32') ?? '', /longer than 255 characters/);
    for (const platform of ['linux', 'darwin'] as const) {
      assert.equal(pathBoundProblem(`a/${'世'.repeat(85)}`, platform), undefined);
      assert.match(pathBoundProblem(`a/${'世'.repeat(86)}`, platform) ?? '', /longer than 255 bytes/);
    }
  });
});
