import assert from 'node:assert/strict';
import { importsOf } from './imports';
import { sourceFiles } from './sourceFiles';
import { breaches } from './walls';

describe('the walls between the rooms', () => {
  it('stand in every source file', () => {
    const files = sourceFiles('src', 'media');
    assert.ok(files.length > 20, `only ${files.length} files found`);
    assert.deepEqual(breaches(files), []);
  });

  const broken: readonly (readonly [file: string, text: string])[] = [
    ['src/oci/a.ts', "import { b } from '../transport/b';"],
    ['src/oci/a.ts', "import type { Uri } from 'vscode';"],
    ['src/transport/auth/a.ts', "import { b } from '../../credentials/b';"],
    ['src/credentials/a.ts', "import { b } from '../host/b';"],
    ['src/targets/registry/a.ts', "import { b } from '../../operations/b';"],
    ['src/localRegistry/a.ts', "import { b } from '../targets/registry/b';"],
    ['src/localRegistry/a.ts', "import { b } from '../targets/layoutOther/b';"],
    ['src/operations/a.ts', "import { b } from '../targets/memory';"],
    ['src/operations/a.ts', "export * from '../targets/memory';"],
    ['src/operations/a.ts', "const b = import('../targets/memory');"],
    ['src/operations/a.ts', "type B = import('../targets/memory').B;"],
    ['src/operations/a.ts', "import b = require('../targets/memory');"],
    ['src/host/a.ts', "import { b } from '../transport/b';"],
    ['src/host/a.ts', "import { type B, c } from '../credentials/b';"],
    ['src/host/a.ts', "import { b } from '../commands/b';"],
    ['src/views/a.ts', "import { b } from '../targets/memory';"],
    ['src/views/a.ts', "import { b } from '../../media/details/page';"],
    ['src/commands/a.ts', "import { b } from '../extension';"],
    ['src/commands/a.ts', "import { b } from '../views/b';"],
    ['src/extension.ts', "import { b } from './commands/b';"],
    ['src/newRoom/a.ts', "import { b } from 'node:fs';"],
    ['media/details/page.ts', "import { b } from '../../src/oci/b';"],
    ['media/details/page.ts', "import { b } from '../other/messages';"],
    ['media/details/page.ts', "import { b } from 'node:fs';"],
    ['media/details/messages.ts', "import { b } from '../../src/oci/b';"],
    ['media/details/messages.ts', "import { b } from '../common/b';"],
    ['media/common/a.ts', "import { b } from '../details/messages';"],
  ];
  for (const [path, text] of broken) {
    it(`refuse ${text} in ${path}`, () => {
      assert.equal(breaches([{ path, text }]).length, 1);
    });
  }

  const sound: readonly (readonly [file: string, text: string])[] = [
    ['src/oci/a.ts', "import { b } from './b';"],
    ['src/transport/auth/a.ts', "import { b } from '../../oci/b'; import c from 'node-fetch';"],
    ['src/localRegistry/a.ts', "import { b } from '../targets/layout/b';"],
    ['src/host/a.ts', "import { type B, type C } from '../credentials/b'; import * as vscode from 'vscode';"],
    ['src/views/a.ts', "import type { B } from '../../media/details/messages';"],
    ['src/extension.ts', "const b = import('./wiring/b');"],
    ['src/wiring/a.ts', "import { b } from '../targets/registry/b';"],
    ['src/oci/a.ts', "const text = \"import { b } from '../host/b'\"; // import { c } from 'vscode';"],
  ];
  for (const [path, text] of sound) {
    it(`let ${text} pass in ${path}`, () => {
      assert.deepEqual(breaches([{ path, text }]), []);
    });
  }

  it('are read from type imports as types only', () => {
    const text = "import type { A } from './a'; import B, { type C } from './b'; import './c';";
    assert.deepEqual(importsOf(text), [
      { specifier: './a', typeOnly: true },
      { specifier: './b', typeOnly: false },
      { specifier: './c', typeOnly: false },
    ]);
  });
});
