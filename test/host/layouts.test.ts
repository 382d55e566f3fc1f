import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { writeLayoutTar } from '../../src/targets/layout/writeLayoutTar';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { answering } from './support/dialogs';
import { newFolder, pullByCommand, row, workspaceFolder } from './support/flows';
import { hasPage, page, screenshot } from './support/page';
import { chooseFromRow, clickRow, expandRow, openSidebar, rowLabels, seeRow } from './support/sidebar';

describe('OCI layouts in the sidebar', function () {
  let root: string;
  let archive: string;

  before(async function () {
    if (!hasPage()) this.skip();
    root = vscode.Uri.joinPath(workspaceFolder(), 'my-layout').fsPath;
    archive = path.join((await newFolder()).fsPath, 'packed.tar');
    const layout = new OciLayout(root);
    const content = textBlob('from a layout');
    const annotations = { 'org.opencontainers.image.title': 'notes.txt' };
    const layer = { ...content, descriptor: { ...content.descriptor, annotations } };
    const subject = await pushArtifact(layout, [layer]);
    await layout.tag(subject, 'v1');
    await layout.tag(subject, 'v2');
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: subject.descriptor });
    await layout.push(sbom.descriptor, sourceOf(sbom.bytes));
    await writeLayoutTar(root, archive);
  });

  after(async () => {
    for (const file of [root, archive]) await close(file);
    await rm(root, { recursive: true, force: true });
  });

  const placeOf = (file: string, tag?: string) =>
    row(`layout:${path.dirname(file)}`, path.basename(file), tag);
  const close = (file: string) => vscode.commands.executeCommand(commandIds.closeLayout, placeOf(file));

  it('open from the menu of their folder in the Explorer, and of no other folder', async () => {
    await vscode.commands.executeCommand('workbench.view.explorer');
    const item = ['getByRole', 'menuitem', { name: 'Open as OCI layout' }] as const;
    const menuOf = (name: string) =>
      page(['getByRole', 'treeitem', { name }], ['first'], ['click', { button: 'right' }]);
    await menuOf('policies');
    await page(['getByRole', 'menuitem', { name: 'Push as OCI artifact…' }], ['waitFor']);
    assert.equal(await page(item, ['count']), 0);
    await page(['keyboard'], ['press', 'Escape']);
    await menuOf('my-layout');
    await page(item, ['waitFor']);
    await page(item, ['click', { delay: 150 }]);
    await seeRow('my-layout');
    await seeRow('v1');
  });

  it('show tags, content and referrers, and keep them over a refresh', async () => {
    await openSidebar();
    await expandRow('my-layout');
    await expandRow('v1');
    await seeRow('notes.txt');
    await expandRow('Referrers');
    await seeRow('SBOM (SPDX)');
    await screenshot('sidebar-layout');
    await vscode.commands.executeCommand(commandIds.refresh);
    await seeRow('notes.txt');
  });

  it('give pull, details and the manifest as a registry does', async () => {
    const folder = await newFolder();
    const shown = await pullByCommand([`layout:${path.dirname(root)}`, 'my-layout', 'v1'], folder);
    assert.deepEqual(shown.errors, []);
    assert.equal(await readFile(path.join(folder.fsPath, 'notes.txt'), 'utf8'), 'from a layout');
    await vscode.commands.executeCommand(commandIds.openManifest, placeOf(root, 'v1'));
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'oci-manifest');
    assert.match(document?.getText() ?? '', /notes\.txt/);
    await vscode.commands.executeCommand(commandIds.openDetails, placeOf(root, 'v1'));
    await page(['webview', '#root'], ['getByText', 'notes.txt'], ['first'], ['waitFor']);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('change when a tag is removed from a folder', async () => {
    await answering({ warning: 'Remove' }, async () =>
      vscode.commands.executeCommand(commandIds.untag, placeOf(root, 'v2')),
    );
    assert.deepEqual(await collect(new OciLayout(root).tags()), ['v1']);
  });

  it('offer no change in a .tar', async () => {
    const uri = vscode.Uri.file(archive);
    await answering({}, async () => vscode.commands.executeCommand(commandIds.openLayout, uri));
    await vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
    await expandRow('packed.tar');
    await seeRow('v2');
    await page(
      ['locator', '.sidebar [role=treeitem][aria-label^="v2"]'],
      ['first'],
      ['click', { button: 'right' }],
    );
    await page(['getByRole', 'menuitem', { name: 'Copy to…' }], ['waitFor']);
    for (const name of ['Remove tag…', 'Delete…'])
      assert.equal(await page(['getByRole', 'menuitem', { name }], ['count']), 0, name);
    await page(['keyboard'], ['press', 'Escape']);
  });

  it('say why a folder is none, and leave it out', async () => {
    const folder = await newFolder();
    const shown = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.openLayout, folder),
    );
    assert.match(shown.errors.join(), /it is no OCI image layout/);
    assert.ok(!(await rowLabels()).includes(path.basename(folder.fsPath)));
  });

  it('leave the sidebar by "Close layout", and nothing is deleted', async () => {
    await clickRow('my-layout');
    await chooseFromRow('my-layout', 'Close layout');
    await page(['locator', '.sidebar [aria-label^="my-layout"]'], ['waitFor', { state: 'detached' }]);
    assert.deepEqual(await collect(new OciLayout(root).tags()), ['v1']);
  });
});
