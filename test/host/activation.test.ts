import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { hasPage, page, screenshot } from './support/page';

interface Manifest {
  readonly contributes: { readonly commands?: readonly { readonly command: string }[] };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('oci-artifacts.oci-artifacts');
  assert.ok(found, 'the extension is not installed');
  return found;
}

describe('activation', () => {
  it('activates without an error', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('leaves the AWS SDK unloaded', async () => {
    await extension().activate();
    const loaded = Object.keys(require.cache).map((file) => path.relative(extension().extensionPath, file));
    assert.ok(loaded.includes(path.join('dist', 'extension.js')), loaded.join('\n'));
    assert.ok(!loaded.includes(path.join('dist', 'aws.js')));
  });

  it('registers every command of the manifest', async () => {
    await extension().activate();
    const registered = new Set(await vscode.commands.getCommands(true));
    const { contributes } = extension().packageJSON as Manifest;
    const named = (contributes.commands ?? []).map(({ command }) => command);
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((command) => !registered.has(command)),
      [],
    );
  });

  it('shows the OCI Artifacts view from the activity bar', async function () {
    if (!hasPage()) this.skip();
    // A click on the tab of a view that is shown hides it.
    await vscode.commands.executeCommand('workbench.view.explorer');
    await page(['getByRole', 'tab', { name: 'OCI Artifacts' }], ['first'], ['click']);
    await page(['locator', '.sidebar .composite.title', { hasText: 'OCI Artifacts' }], ['waitFor']);
    await screenshot('sidebar');
  });
});
