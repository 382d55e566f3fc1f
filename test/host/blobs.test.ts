import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { digestOf } from '../../src/oci/digest';
import { NotFoundError } from '../../src/oci/errors';
import { textBlob } from '../support/artifacts';
import { answering } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, row } from './support/flows';
import { answerInput } from './support/page';

describe('blobs', () => {
  const registry = useEmbeddedRegistry();

  const blobRow = (repository: string, text: string) => {
    const { host } = registry;
    return { target: { host, repository, descriptor: textBlob(text).descriptor } };
  };

  it('are saved as they are, by the row of a layer', async () => {
    await registry.pushText('blob/save', 'the layer', 'v1');
    const file = path.join((await newFolder()).fsPath, 'saved.bin');
    const shown = await answering({ save: vscode.Uri.file(file) }, async () =>
      vscode.commands.executeCommand(commandIds.saveBlob, blobRow('blob/save', 'the layer')),
    );
    assert.match(shown.information.join(), /^Saved 9 B to .*saved\.bin\. Digest: sha256:/);
    assert.equal(await readFile(file, 'utf8'), 'the layer');
  });

  it('are fetched by a typed digest', async () => {
    await registry.pushText('blob/fetch', 'the layer', 'v1');
    const file = path.join((await newFolder()).fsPath, 'fetched.bin');
    const shown = await answering({ save: vscode.Uri.file(file) }, async () => {
      const done = vscode.commands.executeCommand(commandIds.fetchBlob);
      await answerInput('Fetch blob', `${registry.host}/blob/fetch@${digestOf('the layer')}`);
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.equal(await readFile(file, 'utf8'), 'the layer');
  });

  it('are pushed from a file', async () => {
    const file = path.join((await newFolder()).fsPath, 'blob.txt');
    await writeFile(file, 'from a file');
    const shown = await answering({ open: [vscode.Uri.file(file)], information: 'Copy digest' }, async () =>
      vscode.commands.executeCommand(commandIds.pushBlob, row(registry.host, 'blob/push')),
    );
    assert.deepEqual(shown.errors, []);
    const found = await registry.repository('blob/push').resolveBlob(digestOf('from a file'));
    assert.equal(found.size, 'from a file'.length);
  });

  it('are spoken of without the links that a name would be', async () => {
    const file = path.join((await newFolder()).fsPath, '[blob](command:workbench.action.quit).txt');
    await writeFile(file, 'a link');
    const shown = await answering({ open: [vscode.Uri.file(file)] }, async () =>
      vscode.commands.executeCommand(commandIds.pushBlob, row(registry.host, 'blob/push')),
    );
    assert.match(shown.information.join(), /^Pushed \[blob\] \(command:workbench\.action\.quit\)\.txt /);
  });

  it('are deleted only after a yes, which says what breaks', async () => {
    await registry.pushText('blob/delete', 'the layer', 'v1');
    const target = registry.repository('blob/delete');
    const remove = (answer?: string) =>
      answering(answer ? { warning: answer } : {}, async () =>
        vscode.commands.executeCommand(commandIds.deleteBlob, blobRow('blob/delete', 'the layer')),
      );
    const refused = await remove();
    assert.match(
      refused.details.join(),
      /No manifest of the repository that names it can be pulled any more/,
    );
    assert.ok(await target.resolveBlob(digestOf('the layer')));
    assert.deepEqual((await remove('Delete')).errors, []);
    await assert.rejects(target.resolveBlob(digestOf('the layer')), NotFoundError);
  });
});
