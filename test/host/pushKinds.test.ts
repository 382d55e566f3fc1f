import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { kindTypes } from '../../src/oci/artifactKinds';
import { parseManifest } from '../../src/oci/manifest';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, pullByCommand, workspaceFolder } from './support/flows';
import { answerInput, chooseItem, listedItems, page } from './support/page';

const run = promisify(execFile);

describe('artifacts that other tools push in their own way', () => {
  const registry = useEmbeddedRegistry();
  const chartFolder = () => vscode.Uri.joinPath(workspaceFolder(), 'charts/greeter');

  it('recognises a chart folder, and helm pulls what was pushed', async function () {
    const helm = peerOrSkip(this, 'helm');
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, chartFolder(), [chartFolder()]);
      await chooseItem('How to push charts/greeter', 'Helm chart (as helm push does)');
      await answerInput('where to', `oci://${registry.host}/charts`);
      await done;
    });
    assert.deepEqual(shown.errors, []);
    const [, version = ''] =
      /Pushed the Helm chart .*\/charts\/greeter:(\S+) /.exec(shown.information.join()) ?? [];
    const byHelm = await newFolder();
    const chart = `oci://${registry.host}/charts/greeter`;
    await run(helm, ['pull', chart, '--version', version, '--plain-http'], { cwd: byHelm.fsPath });
    const byEditor = await newFolder();
    await pullByCommand([registry.host, 'charts/greeter', version], byEditor);
    const name = `greeter-${version}.tgz`;
    assert.deepEqual(await readdir(byEditor.fsPath), [name]);
    const [ours, theirs] = await Promise.all(
      [byEditor, byHelm].map((folder) => readFile(path.join(folder.fsPath, name))),
    );
    assert.ok(ours && theirs?.equals(ours));
  });

  it('pushes a chart folder like any other when that is chosen', async () => {
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, chartFolder(), [chartFolder()]);
      await chooseItem('How to push charts/greeter', 'OCI artifact (as oras push does)');
      await answerInput('where to', `${registry.host}/plain/greeter:v1`);
      await answerInput('artifact type', 'application/vnd.example.folder.v1');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    const { bytes } = await registry.repository('plain/greeter').readManifest('v1');
    assert.equal(parseManifest(bytes).artifactType, 'application/vnd.example.folder.v1');
  });

  it('pushes a .sif with the types of Singularity, and pulls it by its name', async () => {
    const file = vscode.Uri.file(path.join((await newFolder()).fsPath, 'box.sif'));
    await writeFile(file.fsPath, 'SIF_MAGIC');
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, file, [file]);
      await chooseItem('How to push box.sif', 'Singularity image (as singularity push does)');
      await answerInput('where to', `${registry.host}/images/box:v1`);
      await done;
    });
    assert.deepEqual(shown.errors, []);
    const { bytes } = await registry.repository('images/box').readManifest('v1');
    const { config, layers } = parseManifest(bytes);
    assert.equal(config?.mediaType, kindTypes.sifConfig);
    assert.deepEqual(
      layers.map(({ mediaType }) => mediaType),
      [kindTypes.sifLayer],
    );
    const folder = await newFolder();
    await pullByCommand([registry.host, 'images/box', 'v1'], folder);
    assert.deepEqual(await readdir(folder.fsPath), ['box.sif']);
  });

  it('offers the type of an SBOM first', async () => {
    const file = vscode.Uri.file(path.join((await newFolder()).fsPath, 'bom.spdx.json'));
    await writeFile(file.fsPath, '{}');
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.push, file, [file]);
      await answerInput('where to', `${registry.host}/boms/one:v1`);
      await page(['locator', '.quick-input-widget:visible', { hasText: 'artifact type' }], ['waitFor']);
      const [first = ''] = await listedItems();
      assert.match(first, /^application\/spdx\+json\s*SBOM \(SPDX\)/);
      await chooseItem('artifact type', 'application/spdx+json');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    const { bytes } = await registry.repository('boms/one').readManifest('v1');
    assert.equal(parseManifest(bytes).artifactType, 'application/spdx+json');
  });
});
