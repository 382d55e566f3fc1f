import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../support/projectRoot';

/** Room for more commands, and none for code that can come behind it. Not minified. */
const MAX_BYTES = 20_000;

describe('the file that VS Code loads at the start', () => {
  const bundle = (name: string) => readFileSync(path.join(projectRoot(), 'dist', name), 'utf8');

  it("loads VS Code's side alone, and the rest when it is needed", () => {
    const required = [...bundle('extension.js').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(required)].sort(), ['./main.js', 'vscode']);
  });

  it('is small', () => {
    const size = Buffer.byteLength(bundle('extension.js'));
    assert.ok(size < MAX_BYTES, `${size} bytes`);
  });

  it('copies nothing of VS Code, nor does the rest', () => {
    for (const name of ['extension.js', 'main.js']) {
      assert.match(bundle(name), /= require\("vscode"\)/);
      assert.doesNotMatch(bundle(name), /\(require\("vscode"\)/);
    }
  });
});
