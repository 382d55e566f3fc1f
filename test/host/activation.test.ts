import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { ACCOUNTS_PROVIDER_ID } from '../../src/host/registryAccounts';
import { commandIds } from '../../src/host/commandIds';
import { row } from './support/flows';
import { hasPage, page, screenshot } from './support/page';
import { useRegistries } from './support/registries';
import { seeRow } from './support/sidebar';
import { WorkspaceFiles } from './support/tasks';

interface Manifest {
  readonly contributes: { readonly commands?: readonly { readonly command: string }[] };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension('oci-artifacts.oci-artifacts');
  assert.ok(found, 'the extension is not installed');
  return found;
}

// The first suite of all, in a VS Code where nothing has asked for the extension yet.
describe('activation by what is asked for first', () => {
  const files = new WorkspaceFiles();
  after(async () => {
    await files.remove();
    await useRegistries();
  });

  it('answers a command, a search for tasks, one for an account and a look at the view', async () => {
    await files.write({
      '.oci/artifacts.json': {
        artifacts: { first: { to: 'first.test/a:v1', files: ['policies/allow.rego'] } },
      },
    });
    await useRegistries({ host: 'first.test' });
    assert.equal(extension().isActive, false);
    const [tasks, account] = await Promise.all([
      vscode.tasks.fetchTasks({ type: 'oci' }),
      vscode.authentication.getSession(ACCOUNTS_PROVIDER_ID, ['first.test'], { silent: true }),
      vscode.commands.executeCommand(commandIds.copyReference, row('first.test', 'a', 'v1')),
      vscode.commands.executeCommand('ociArtifacts.registries.focus'),
    ]);
    assert.deepEqual(
      tasks.map(({ name }) => name),
      ['push first'],
    );
    assert.equal(account, undefined);
    assert.equal(await vscode.env.clipboard.readText(), 'first.test/a:v1');
    if (hasPage()) await seeRow('first.test');
  });
});

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
