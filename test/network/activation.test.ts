import assert from 'node:assert/strict';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';

// Here because only a VS Code of its own has an extension that nothing was asked of: in test/host a command comes first.
describe('an extension that is activated and asked for nothing', () => {
  it('loads the rest of itself, which shows its views', async () => {
    const extension = vscode.extensions.getExtension('oci-artifacts.oci-artifacts');
    assert.equal(extension?.isActive, false);
    await extension.activate();
    await setImmediate();
    const loaded = Object.keys(require.cache).map((file) => path.relative(extension.extensionPath, file));
    assert.ok(loaded.includes(path.join('dist', 'main.js')), loaded.join('\n'));
  });
});
