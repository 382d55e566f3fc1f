import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { pushArtifact, textBlob } from '../support/artifacts';
import { answering } from './support/dialogs';
import { newFolder, row } from './support/flows';
import { hasPage, page, type PageCall } from './support/page';
import { useRegistries } from './support/registries';
import { expandRow, openSidebar, seeRow } from './support/sidebar';
import { testRepository } from './support/testRepository';

const tagRow = (tag: string): PageCall => ['locator', `.sidebar [role=treeitem][aria-label^="${tag}"]`];
const menu: PageCall = ['locator', '.monaco-menu'];

describe('several rows that are selected', () => {
  let registry: LocalRegistry;
  let host: string;

  before(async function () {
    this.timeout(60_000);
    if (!hasPage()) this.skip();
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    const repository = testRepository(host, 'several');
    const manifest = await pushArtifact(repository, [textBlob('several')]);
    for (const tag of ['v1', 'v2', 'v3']) await repository.tag(manifest, tag);
    await useRegistries({ host, plainHttp: true });
    await openSidebar();
    await expandRow(host);
    await expandRow('several');
    await seeRow('v3');
  });
  after(async () => {
    await useRegistries();
    await registry?.stop();
  });

  it('are offered only what does all of them', async () => {
    await page(tagRow('v1'), ['first'], ['click']);
    await page(tagRow('v2'), ['first'], ['click', { modifiers: ['ControlOrMeta'] }]);
    await page(tagRow('v2'), ['first'], ['click', { button: 'right' }]);
    await page(menu, ['getByRole', 'menuitem', { name: 'Create index…' }], ['first'], ['waitFor']);
    const offered = await page<string[]>(menu, ['getByRole', 'menuitem'], ['allInnerTexts']);
    await page(['keyboard'], ['press', 'Escape']);
    assert.deepEqual(
      offered.map((label) => label.trim()),
      ['Create index…'],
    );
  });

  it('have their icons again once one alone is selected', async () => {
    await page(tagRow('v1'), ['first'], ['click']);
    await page(tagRow('v1'), ['first'], ['hover']);
    await page(tagRow('v1'), ['first'], ['getByRole', 'button', { name: 'Pull…' }], ['waitFor']);
  });

  it('are never done in part by a command that got all of them', async () => {
    await vscode.env.clipboard.writeText('as before');
    const rows = ['v1', 'v2', 'v3'].map((tag) => row(host, 'several', tag));
    const shown = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.copyReference, rows[0], rows),
    );
    assert.deepEqual(shown.information, ['This is done for one at a time, and 3 are selected. Select one.']);
    assert.equal(await vscode.env.clipboard.readText(), 'as before');
  });
});
