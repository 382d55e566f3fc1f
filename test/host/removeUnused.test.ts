import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { writeLayoutTar } from '../../src/targets/layout/writeLayoutTar';
import { ageBlobs, blobsIn } from '../support/agedLayout';
import { pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { answering, type Answers } from './support/dialogs';
import { newFolder, row } from './support/flows';
import { chooseItem, hasPage, page, screenshot } from './support/page';
import { useRegistries } from './support/registries';
import { openSidebar, seeRow } from './support/sidebar';
import { testRepository } from './support/testRepository';

const TITLE = 'Remove unused content…';

describe('Remove unused content', function () {
  let root: string;
  let layoutFolder: string;
  let archive: string;

  const setFolder = (folder: string | undefined) =>
    vscode.workspace
      .getConfiguration('ociArtifacts')
      .update('localRegistry.folder', folder, vscode.ConfigurationTarget.Global);
  const placeOf = (file: string) => row(`layout:${path.dirname(file)}`, path.basename(file));
  const open = (file: string) => vscode.commands.executeCommand(commandIds.openLayout, vscode.Uri.file(file));
  const clean = (place: unknown, answers: Answers = {}) =>
    answering(answers, async () => vscode.commands.executeCommand(commandIds.removeUnused, place));

  before(async function () {
    if (!hasPage()) this.skip();
    root = (await newFolder()).fsPath;
    layoutFolder = path.join((await newFolder()).fsPath, 'cleaned');
    archive = `${layoutFolder}.tar`;
    await setFolder(root);
    await pushArtifact(new OciLayout(layoutFolder), [textBlob('kept')]);
    await writeLayoutTar(layoutFolder, archive);
    await answering({}, async () => {
      for (const file of [layoutFolder, archive]) await open(file);
    });
  });
  after(async () => {
    await answering({}, async () => vscode.commands.executeCommand(commandIds.stopLocalRegistry));
    for (const file of [layoutFolder, archive])
      await vscode.commands.executeCommand(commandIds.closeLayout, placeOf(file));
    await setFolder(undefined);
    await useRegistries();
  });

  /** Where the local registry answers, which is started by the first who asks. */
  let host: string | undefined;
  async function localHost(): Promise<string> {
    if (host) return host;
    const started = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.startLocalRegistry),
    );
    return (host = /at (127\.0\.0\.1:\d+)/.exec(started.information.join())?.[1] ?? '');
  }

  async function isOffered(label: string): Promise<boolean> {
    await seeRow(label);
    await page(
      ['locator', `.sidebar [role=treeitem][aria-label^=${JSON.stringify(label)}]`],
      ['first'],
      ['click', { button: 'right' }],
    );
    await page(['getByRole', 'menuitem', { name: 'Copy reference' }], ['first'], ['waitFor']);
    const count = await page<number>(['getByRole', 'menuitem', { name: TITLE }], ['count']);
    await page(['keyboard'], ['press', 'Escape']);
    return count > 0;
  }

  it('says what would go from the local registry, removes it when told so, and keeps the rest', async () => {
    const local = await localHost();
    const target = testRepository(local, 'team/app');
    await target.tag(await pushArtifact(target, [textBlob('kept')]), 'v1');
    await target.remove((await pushArtifact(target, [textBlob('no longer wanted')])).descriptor);
    const none = await clean(row(local));
    assert.match(
      none.information.join(),
      /^There is nothing to remove.* 1 blob \(16 B\) of the last hour stay/,
    );
    const folder = path.join(root, 'team/app');
    await ageBlobs(folder);
    const before = await blobsIn(folder);
    const declined = await clean(row(local));
    assert.deepEqual(declined.warnings, [`Remove 1 blob (16 B) from ${local}?`]);
    assert.match(declined.details.join(), /cannot be undone\.\n• team\/app: 1 blob \(16 B\)$/);
    assert.deepEqual(await blobsIn(folder), before);
    const removed = await clean(row(local), { warning: 'Remove' });
    assert.deepEqual(removed.errors, []);
    assert.deepEqual(removed.information, [`Removed 1 blob (16 B) from ${local}.`]);
    assert.equal((await blobsIn(folder)).length, before.length - 1);
    assert.equal((await target.resolve('v1')).size > 0, true);
  });

  it('takes a layout folder that is chosen, and says why one is left as it is', async () => {
    const unused = textBlob('unused');
    await new OciLayout(layoutFolder).push(unused.descriptor, sourceOf(unused.bytes));
    await ageBlobs(layoutFolder);
    const shown = await answering({ warning: 'Remove' }, async () => {
      const done = vscode.commands.executeCommand(commandIds.removeUnused);
      await chooseItem('Remove unused content', layoutFolder);
      await done;
    });
    assert.deepEqual(shown.information, [`Removed 1 blob (6 B) from ${layoutFolder}.`]);
    const index = path.join(layoutFolder, 'index.json');
    const uri = vscode.Uri.file(index);
    const text = await vscode.workspace.fs.readFile(uri);
    await vscode.workspace.fs.writeFile(uri, Buffer.from('{'));
    const refused = await clean(placeOf(layoutFolder), { warning: 'Remove' });
    await vscode.workspace.fs.writeFile(uri, text);
    assert.match(refused.warnings.join(), /There is nothing to remove.* is left as it is: .*not JSON/);
  });

  it('removes manifests that have had no tag for long where it is told how long, and signatures stay', async () => {
    const folder = path.join(root, 'team/signed');
    const layout = new OciLayout(folder);
    const [old, signed] = [await pushArtifact(layout, [textBlob('old')]), await pushArtifact(layout, [])];
    for (const manifest of [old, signed]) await layout.tag(manifest, 'latest');
    const signature = await pushArtifact(layout, [], { subject: signed.descriptor });
    await ageBlobs(folder);
    const place = row(await localHost());
    const declined = await clean(place);
    assert.match(declined.warnings.join(), /^Nothing in .* is unused, but 1 manifest \(.*\) without a tag/);
    const shown = await answering({ warnings: ['Untagged manifests…', 'Remove'] }, async () => {
      const done = vscode.commands.executeCommand(commandIds.removeUnused, place);
      await chooseItem('Remove manifests without a tag', '30 days');
      await done;
    });
    assert.match(shown.warnings[1] ?? '', /^Remove 1 manifest that had no tag for 30 days from .*, 2 blobs/);
    assert.match(shown.information.join(), /^Removed 2 blobs/);
    await assert.rejects(layout.resolve(old.descriptor.digest));
    for (const { descriptor } of [signed, signature])
      assert.equal((await layout.resolve(descriptor.digest)).size, descriptor.size);
  });

  it('is in the menus of the local registry and of a layout folder, not of an archive', async () => {
    await openSidebar();
    await vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
    assert.equal(await isOffered('cleaned,'), true);
    assert.equal(await isOffered('127.0.0.1'), true);
    await screenshot('remove-unused');
    assert.equal(await isOffered('cleaned.tar'), false);
  });
});
