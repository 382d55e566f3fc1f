import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { writeLayoutTar } from '../../src/targets/layout/writeLayoutTar';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import { newFolder, pullByCommand, row, workspaceFolder } from './support/flows';
import { answerInput, chooseItem, hasPage, page, screenshot } from './support/page';
import { chooseFromRow, clickRow, expandRow, openSidebar, rowLabels, seeRow } from './support/sidebar';

const run = promisify(execFile);

describe('OCI layouts in the sidebar', function () {
  let root: string;
  let archive: string;

  before(async function () {
    if (!hasPage()) this.skip();
    // Layouts that come later are found by an extension that runs.
    await vscode.commands.executeCommand(commandIds.refresh);
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
    const countInMenuOf = async (name: string) => {
      await page(['getByRole', 'treeitem', { name }], ['first'], ['click', { button: 'right' }]);
      await page(['getByRole', 'menuitem', { name: 'Push as OCI artifact…' }], ['waitFor']);
      return page<number>(item, ['count']);
    };
    assert.equal(await countInMenuOf('policies'), 0);
    await page(['keyboard'], ['press', 'Escape']);
    // VS Code tells of new files after a while, and a menu that is open does not change.
    for (const end = Date.now() + 30_000; (await countInMenuOf('my-layout')) === 0 && Date.now() < end;)
      await page(['keyboard'], ['press', 'Escape']);
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

  it('take what is pushed and attached, by their rows and as layout:/folder:tag, and oras reads it', async function () {
    const oras = peerOrSkip(this, 'oras');
    const readme = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await openSidebar();
    const shown = await answering({ open: [readme] }, async () => {
      await chooseFromRow('my-layout', 'Push as OCI artifact…');
      await answerInput('where to', `layout:${root}:pushed-1`);
      await answerInput('artifact type', 'application/vnd.example.test.v1');
      await seeRow('pushed-1');
      const attached = vscode.commands.executeCommand(commandIds.attachFiles, placeOf(root, 'pushed-1'));
      await chooseItem('what', 'Annotations only');
      await answerInput('artifact type', 'application/vnd.example.note.v1');
      await answerInput('annotations (0)', 'note=checked');
      await answerInput('annotations (1)', '');
      await attached;
      const resolved = vscode.commands.executeCommand(commandIds.resolve);
      await answerInput('Resolve', `layout:${root}:pushed-1`);
      await resolved;
    });
    assert.deepEqual(shown.errors, []);
    const { digest } = await new OciLayout(root).resolve('pushed-1');
    assert.ok(shown.information.includes(`layout:${root}:pushed-1 is ${digest}`), shown.information.join());
    const place = `${root}:pushed-1`;
    const { stdout } = await run(oras, ['discover', '--oci-layout', '--format', 'json', place]);
    const { referrers } = JSON.parse(stdout) as { referrers: readonly { artifactType: string }[] };
    assert.deepEqual(
      referrers.map(({ artifactType }) => artifactType),
      ['application/vnd.example.note.v1'],
    );
    const folder = await newFolder();
    await run(oras, ['pull', '--oci-layout', place, '-o', folder.fsPath]);
    const pulled = await readFile(path.join(folder.fsPath, 'README.md'), 'utf8');
    assert.equal(pulled, await readFile(readme.fsPath, 'utf8'));
  });

  it('change when a tag is removed from a folder', async () => {
    await answering({ warning: 'Remove' }, async () =>
      vscode.commands.executeCommand(commandIds.untag, placeOf(root, 'v2')),
    );
    assert.deepEqual(await collect(new OciLayout(root).tags()), ['pushed-1', 'v1']);
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
    assert.deepEqual(await collect(new OciLayout(root).tags()), ['pushed-1', 'v1']);
  });
});
