import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { parseManifest } from '../../src/oci/manifest';
import { collect } from '../support/artifacts';
import { answering } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, pushByCommand, workspaceFolder } from './support/flows';
import { answerInput, chooseItem } from './support/page';
import { tick } from './support/quickPick';
import { chooseFromRow, openSidebar, seeRow } from './support/sidebar';

describe('attach', () => {
  const registry = useEmbeddedRegistry();

  async function newFile(name: string, text: string): Promise<vscode.Uri> {
    const file = path.join((await newFolder()).fsPath, name);
    await writeFile(file, text);
    return vscode.Uri.file(file);
  }

  const sbomFile = () => newFile('app.spdx.json', '{"spdxVersion":"SPDX-2.3"}');

  it('attaches the selection of the Explorer to a typed subject, with the type guessed from the name', async () => {
    const manifest = await registry.pushText('attach/typed', 'subject', 'v1');
    const file = await sbomFile();
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.attach, file, [file]);
      await answerInput('subject', `${registry.host}/attach/typed:v1`);
      await answerInput('artifact type', '');
      await answerInput('annotations (0)', 'org.example.by=me, myself');
      await answerInput('annotations (1)', '');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information.join(), /^Attached to .*: SBOM \(SPDX\)\. Digest: sha256:/);
    const target = registry.repository('attach/typed');
    const [referrer] = await collect(target.referrers(manifest.descriptor));
    assert.equal(referrer?.artifactType, 'application/spdx+json');
    const { bytes } = await target.readManifest(referrer?.digest ?? '');
    const { annotations, layers, subject } = parseManifest(bytes);
    assert.equal(annotations['org.example.by'], 'me, myself');
    assert.equal(layers[0]?.annotations?.['org.opencontainers.image.title'], 'app.spdx.json');
    assert.equal(subject?.digest, manifest.descriptor.digest);
  });

  it('takes an annotation file, a config and media types, from the menu of a tag', async () => {
    await openSidebar();
    const readme = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await pushByCommand([readme], `${registry.host}/attach/rich:subject-2`);
    const file = await sbomFile();
    const [notes, config] = await Promise.all([
      newFile('notes.json', '{"$manifest":{"by":"file"},"$config":{"c":"1"},"app.spdx.json":{"l":"2"}}'),
      newFile('config.json', '{"made":"up"}'),
    ]);
    const shown = await answering({ opens: [[file], [notes], [config]] }, async () => {
      await chooseFromRow('subject-2', 'Attach with options…');
      await chooseItem('what', 'Files…');
      await tick('options', 'Annotation file', 'Config file', 'Media types');
      await answerInput('media type of the config', 'application/vnd.example.config+json');
      await answerInput('media type of "app.spdx.json"', 'text/spdx+json');
      await answerInput('artifact type', 'application/vnd.example.rich.v1');
      await answerInput('annotations (1)', 'more=typed');
      await answerInput('annotations (2)', '');
      await seeRow('application/vnd.example.rich.v1');
    });
    assert.deepEqual(shown.errors, []);
    const target = registry.repository('attach/rich');
    const [referrer] = await collect(target.referrers(await target.resolve('subject-2')));
    const manifest = parseManifest((await target.readManifest(referrer?.digest ?? '')).bytes);
    const { by, more } = manifest.annotations;
    assert.deepEqual([by, more], ['file', 'typed']);
    assert.equal(manifest.config?.mediaType, 'application/vnd.example.config+json');
    assert.deepEqual(manifest.config?.annotations, { c: '1' });
    assert.equal(await textOf(await target.fetch(manifest.config)), '{"made":"up"}');
    const [layer] = manifest.layers;
    assert.deepEqual([layer?.mediaType, layer?.annotations?.['l']], ['text/spdx+json', '2']);
  });

  it('attaches annotations alone from the menu of a tag, and shows them below it', async () => {
    await openSidebar();
    const readme = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await pushByCommand([readme], `${registry.host}/attach/menu:subject-1`);
    const shown = await answering({}, async () => {
      await chooseFromRow('subject-1', 'Attach files…');
      await chooseItem('what', 'Annotations only');
      await answerInput('artifact type', 'application/vnd.example.note.v1');
      await answerInput('annotations (0)', 'note=checked');
      await answerInput('annotations (1)', '');
      await seeRow('application/vnd.example.note.v1');
    });
    assert.deepEqual(shown.errors, []);
    const target = registry.repository('attach/menu');
    const [referrer] = await collect(target.referrers(await target.resolve('subject-1')));
    assert.equal(referrer?.annotations?.['note'], 'checked');
  });
});
