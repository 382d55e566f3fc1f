import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../support/projectRoot';
import { sourceFiles } from './sourceFiles';

const read = (...parts: string[]) => readFileSync(path.join(projectRoot(), ...parts), 'utf8');

describe('the icons of tabs', () => {
  const named = sourceFiles('src').flatMap(({ text }) =>
    [...text.matchAll(/'([\w-]+\.svg)'/g)].map(([, name = '']) => name),
  );

  it('are files of media, which the package has to hold', () => {
    const files = readdirSync(path.join(projectRoot(), 'media'));
    const required = read('scripts', 'package.mjs');
    assert.deepEqual(named.sort(), ['tab-dark.svg', 'tab-light.svg']);
    for (const name of named) {
      assert.ok(files.includes(name), name);
      assert.ok(required.includes(`'extension/media/${name}'`), name);
    }
  });

  it('have a colour of their own: what VS Code shows as a picture has none around it', () => {
    for (const name of named) assert.doesNotMatch(read('media', name), /currentColor/);
  });
});
