import assert from 'node:assert/strict';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../src/host/commandIds';
import { annotationKeys } from '../../src/oci/annotations';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { createIndex } from '../../src/operations/imageIndex';
import { pushArtifact, sourceOf, textBlob, type TestBlob } from '../support/artifacts';
import { answering, type Answers } from './support/dialogs';
import { useEmbeddedRegistry } from './support/embedded';
import { newFolder, pullByCommand, row } from './support/flows';
import { answerInput, chooseItem } from './support/page';
import { tick } from './support/quickPick';

describe('pull with options', () => {
  const registry = useEmbeddedRegistry();

  const titled = (title: string, text: string, type?: string): TestBlob => {
    const blob = textBlob(text, type);
    return { ...blob, descriptor: { ...blob.descriptor, annotations: { [annotationKeys.title]: title } } };
  };
  const pullInto = (folder: vscode.Uri, command: CommandId, argument: unknown, act: () => Promise<unknown>) =>
    answering({ open: [folder] } satisfies Answers, async () => {
      const done = vscode.commands.executeCommand(command, argument);
      await act();
      await done;
    });

  it('takes the files of one media type, keeps what exists, and saves the config', async () => {
    const target = registry.repository('pull/parts');
    const config = textBlob('{"made":"up"}', 'application/vnd.example.config.v1+json');
    await target.push(config.descriptor, sourceOf(config.bytes));
    const layers = [
      titled('a.txt', 'a', 'text/plain'),
      titled('b.txt', 'b', 'text/plain'),
      titled('c.json', '{}', 'application/json'),
    ];
    await target.tag(await pushArtifact(target, layers, { config: config.descriptor }), 'v1');
    const folder = await newFolder();
    await writeFile(path.join(folder.fsPath, 'a.txt'), 'mine');
    const shown = await pullInto(
      folder,
      commandIds.pullWithOptions,
      row(registry.host, 'pull/parts', 'v1'),
      async () => {
        await tick('options', 'Keep existing files', 'Save config');
        await answerInput('file for the config', 'meta/config.json');
        await tick('media types', 'application/json');
        await tick('files');
      },
    );
    assert.deepEqual([shown.errors, shown.warnings], [[], []]);
    assert.deepEqual((await readdir(folder.fsPath)).sort(), ['a.txt', 'b.txt', 'meta']);
    assert.equal(await readFile(path.join(folder.fsPath, 'a.txt'), 'utf8'), 'mine');
    assert.equal(await readFile(path.join(folder.fsPath, 'meta/config.json'), 'utf8'), '{"made":"up"}');
  });

  it('takes one file of one platform of an index', async () => {
    const target = registry.repository('pull/index');
    for (const architecture of ['amd64', 'arm64']) {
      const config = textBlob(JSON.stringify({ os: 'linux', architecture }), mediaTypes.ociConfig);
      await target.push(config.descriptor, sourceOf(config.bytes));
      const layers = [titled('app', `for ${architecture}`), titled('notes', architecture)];
      await target.tag(await pushArtifact(target, layers, { config: config.descriptor }), architecture);
    }
    await createIndex(target, { manifests: ['amd64', 'arm64'], tags: ['v1'] });
    const folder = await newFolder();
    const shown = await pullInto(
      folder,
      commandIds.pullWithOptions,
      row(registry.host, 'pull/index', 'v1'),
      async () => {
        await chooseItem('platform', 'linux/arm64');
        await tick('options');
        await tick('files', 'notes');
      },
    );
    assert.deepEqual(shown.errors, []);
    assert.deepEqual(await readdir(folder.fsPath), ['app']);
    assert.equal(await readFile(path.join(folder.fsPath, 'app'), 'utf8'), 'for arm64');
  });

  it('includes the files of the subject when asked to', async () => {
    const target = registry.repository('pull/subject');
    const { descriptor } = await pushArtifact(target, [titled('app.txt', 'app')]);
    await target.tag(
      await pushArtifact(target, [titled('sbom.txt', 'sbom')], { subject: descriptor }),
      'sbom',
    );
    const folder = await newFolder();
    await pullInto(
      folder,
      commandIds.pullWithOptions,
      row(registry.host, 'pull/subject', 'sbom'),
      async () => {
        await tick('options', 'Include subject');
        await tick('files');
      },
    );
    assert.deepEqual((await readdir(folder.fsPath)).sort(), ['app.txt', 'sbom.txt']);
  });

  it('pulls one file by the row of its layer', async () => {
    const target = registry.repository('pull/one-file');
    const layer = titled('docs/wanted.txt', 'wanted');
    await target.tag(await pushArtifact(target, [layer, titled('other.txt', 'other')]), 'v1');
    const folder = await newFolder();
    const { host } = registry;
    const layerRow = { target: { host, repository: 'pull/one-file', descriptor: layer.descriptor } };
    const shown = await pullInto(folder, commandIds.pullFile, layerRow, async () => undefined);
    assert.match(shown.information.join(), /^Pulled 1 file/);
    assert.deepEqual(await readdir(folder.fsPath, { recursive: true }), ['docs', 'docs/wanted.txt']);
  });

  it('keeps permissions when that is asked for, and not otherwise', async () => {
    const target = registry.repository('pull/modes');
    const script = titled('run.sh', 'echo');
    const annotations = { ...script.descriptor.annotations, [annotationKeys.fileMode]: '0700' };
    const layer = { ...script, descriptor: { ...script.descriptor, annotations } };
    await target.tag(await pushArtifact(target, [layer]), 'v1');
    const modeAfter = async (...options: readonly string[]) => {
      const folder = await newFolder();
      const argument = row(registry.host, 'pull/modes', 'v1');
      await pullInto(folder, commandIds.pullWithOptions, argument, () => tick('options', ...options));
      return (await stat(path.join(folder.fsPath, 'run.sh'))).mode & 0o777;
    };
    assert.equal(await modeAfter('Keep permissions'), 0o700);
    assert.notEqual(await modeAfter(), 0o700);
  });

  it('names untitled layers by digest when that is asked for', async () => {
    await registry.pushText('pull/untitled', 'no title', 'v1');
    const folder = await newFolder();
    const { host } = registry;
    await pullByCommand([host, 'pull/untitled', 'v1'], folder, { information: 'Name files by digest' });
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if ((await readdir(folder.fsPath)).some((name) => !name.startsWith('.'))) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [name = ''] = await readdir(folder.fsPath);
    assert.match(name, /^[0-9a-f]{12}\.tar$/);
  });
});
