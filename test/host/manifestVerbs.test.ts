import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { parseManifest } from '../../src/oci/manifest';
import { pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import { closeEditors, frontDocument, rewrite } from './support/editors';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, pushByCommand, row, workspaceFolder } from './support/flows';
import { answerInput, page } from './support/page';
import { openSidebar, seeRow } from './support/sidebar';

const run = promisify(execFile);

describe('manifests as documents', () => {
  const registry = useEmbeddedRegistry();
  after(closeEditors);

  const edit = (repository: string) =>
    vscode.commands.executeCommand(commandIds.editManifest, row(registry.host, repository, 'v1'));

  it('opens the config, laid out, as a document that cannot be edited', async () => {
    const config = textBlob('{"answer":42}', 'application/vnd.example.config.v1+json');
    const target = registry.repository('manifest/config');
    await target.push(config.descriptor, sourceOf(config.bytes));
    await target.tag(await pushArtifact(target, [], { config: config.descriptor }), 'v1');
    await vscode.commands.executeCommand(commandIds.openConfig, row(registry.host, 'manifest/config', 'v1'));
    const document = await frontDocument('"answer": 42');
    assert.equal(document.languageId, 'json');
    assert.equal(document.uri.scheme, 'oci-text');
  });

  it('pushes an edited copy as new by the button of its editor', async () => {
    const before = await registry.pushText('manifest/edit', 'content', 'v1');
    await edit('manifest/edit');
    const document = await frontDocument('"schemaVersion": 2');
    await rewrite(document, document.getText().replace(/\}\s*$/, ',"annotations":{"note":"<edited>"}}'));
    const shown = await answering({}, async () => {
      await page(['getByRole', 'button', { name: 'Push edited manifest…' }], ['first'], ['click']);
      await answerInput('Push the edited manifest', 'v2');
      await seeTag('manifest/edit', 'v2');
    });
    assert.deepEqual(shown.errors, []);
    const target = registry.repository('manifest/edit');
    const { bytes } = await target.readManifest('v2');
    assert.equal(parseManifest(bytes).annotations['note'], '<edited>');
    assert.equal((await target.resolve('v1')).digest, before.descriptor.digest);
  });

  /** The push goes on behind the click. */
  async function seeTag(repository: string, tag: string): Promise<void> {
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      const found = await registry
        .repository(repository)
        .resolve(tag)
        .catch(() => undefined);
      if (found) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${repository}:${tag} never came`);
  }

  it('keeps the digest of what was not changed', async () => {
    const { descriptor } = await registry.pushText('manifest/same', 'content', 'v1');
    await edit('manifest/same');
    await frontDocument('"schemaVersion": 2');
    await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.pushManifest);
      await answerInput('Push the edited manifest', 'copy');
      await done;
    });
    assert.equal((await registry.repository('manifest/same').resolve('copy')).digest, descriptor.digest);
  });

  it('refuses what is no manifest before anything is asked', async () => {
    await registry.pushText('manifest/broken', 'content', 'v1');
    await edit('manifest/broken');
    await rewrite(await frontDocument('"schemaVersion": 2'), '{"schemaVersion": 2, "layers": 7}');
    const { errors } = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.pushManifest),
    );
    assert.match(errors.join(), /^The manifest was not pushed: .* cannot be used/);
  });

  it('exports the bytes that oras exports', async function () {
    const oras = peerOrSkip(this, 'oras');
    await registry.pushText('manifest/export', 'content', 'v1');
    const folder = (await newFolder()).fsPath;
    const file = path.join(folder, 'ours.json');
    await answering({ save: vscode.Uri.file(file) }, async () =>
      vscode.commands.executeCommand(commandIds.exportManifest, row(registry.host, 'manifest/export', 'v1')),
    );
    const reference = `${registry.host}/manifest/export:v1`;
    const theirs = path.join(folder, 'theirs.json');
    await run(oras, ['manifest', 'fetch', '--plain-http', '--output', theirs, reference]);
    assert.ok((await readFile(file)).equals(await readFile(theirs)));
  });

  it('has its commands in a menu of the row', async () => {
    await openSidebar();
    const readme = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await pushByCommand([readme], `${registry.host}/manifest/menu:menu-1`);
    await seeRow('menu-1');
    const tag = '.sidebar [role=treeitem][aria-label^="menu-1"]';
    await page(['locator', tag], ['first'], ['click', { button: 'right' }]);
    await page(['getByRole', 'menuitem', { name: 'Manifest', exact: true }], ['hover']);
    const item = ['getByRole', 'menuitem', { name: 'Edit manifest…' }] as const;
    await page(item, ['waitFor']);
    await page(item, ['click', { delay: 150 }]);
    await frontDocument('"schemaVersion": 2');
  });
});
