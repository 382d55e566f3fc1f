import assert from 'node:assert/strict';
import { formatDestination, parseDestination } from '../../../src/oci/destination';
import { InvalidReferenceError } from '../../../src/oci/errors';
import { isLayoutHost, layoutPath } from '../../../src/oci/layoutPlace';

describe('parseDestination', () => {
  const registries: readonly (readonly [
    text: string,
    registry: string,
    repository: string,
    tags: string[],
  ])[] = [
    ['r.test:5000/team/app', 'r.test:5000', 'team/app', []],
    ['r.test/app:v1', 'r.test', 'app', ['v1']],
    ['r.test:5000/app:v1, v1.0,latest', 'r.test:5000', 'app', ['v1', 'v1.0', 'latest']],
  ];
  for (const [text, registry, repository, tags] of registries) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseDestination(text), { registry, repository, tags });
    });
  }

  const layouts: readonly (readonly [text: string, folder: string, tags: string[]])[] = [
    ['layout:/tmp/backup', '/tmp/backup', []],
    ['layout:/tmp/a b@c/backup:v1,v2', '/tmp/a b@c/backup', ['v1', 'v2']],
    ['layout:/tmp/x/../backup/', '/tmp/backup', []],
  ];
  for (const [text, folder, tags] of layouts) {
    it(`reads ${text}`, () => {
      const { registry, repository, tags: found } = parseDestination(text);
      assert.equal(isLayoutHost(registry), true);
      assert.equal(layoutPath({ host: registry, name: repository }), folder);
      assert.deepEqual(found, tags);
    });
  }

  it('is undone by formatDestination', () => {
    for (const text of ['r.test:5000/app:v1,v2', 'r.test/app', 'layout:/tmp/backup:v1'])
      assert.equal(formatDestination(parseDestination(text)), text);
  });

  for (const text of [
    'app',
    'r.test:5000',
    'r.test/App:v1',
    'r.test/app:',
    'r.test/app:v1,',
    `r.test/app@sha256:${'0'.repeat(64)}`,
    'layout:relative/folder',
    'layout:',
    'layout:/',
    'layout:/tmp/x:bad tag',
  ]) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseDestination(text), InvalidReferenceError);
    });
  }
});
