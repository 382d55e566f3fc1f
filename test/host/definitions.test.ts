import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { answering } from './support/dialogs';
import { closeEditors, frontDocument } from './support/editors';
import { useEmbeddedRegistry } from './support/embedded';
import { workspaceFolder } from './support/flows';
import { answerInput, chooseItem, page, type PageCall } from './support/page';
import { problemIn, WorkspaceFiles } from './support/tasks';
import { testRepository } from './support/testRepository';

const FILE = '.oci/artifacts.json';

describe('definitions in .oci/artifacts.json', () => {
  const registry = useEmbeddedRegistry();
  const files = new WorkspaceFiles();
  const fileUri = () => vscode.Uri.joinPath(workspaceFolder(), FILE);
  const exists = (repository: string, tag: string) => registry.repository(repository).resolve(tag);
  /** VS Code may show for a while what was in the file before. */
  const open = async (part: string) => {
    await vscode.window.showTextDocument(fileUri());
    return frontDocument(part);
  };

  before(async () => {
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  afterEach(async () => {
    await closeEditors();
    await files.remove();
  });

  it('are completed by their schema', async () => {
    await files.write({ [FILE]: '{\n  "artifacts": { "app": {\n    \n  } }\n}\n' });
    const document = await open('"app": {\n    \n');
    const labels = await completed(document, new vscode.Position(2, 4), 'to');
    for (const member of ['artifactType', 'files', 'annotations', 'exportManifest'])
      assert.ok(labels.includes(member), `${member} is not among ${labels.join(', ')}`);
  });

  it('are completed with common media types', async () => {
    await files.write({ [FILE]: '{ "artifacts": { "app": {\n"artifactType": ""\n} } }' });
    const document = await open('"artifactType"');
    await completed(document, new vscode.Position(1, 17), '"application/spdx+json"');
  });

  it('show what is wrong while they are written, and take comments and trailing commas', async () => {
    const right = '// ours\n{ "artifacts": { "app": { "to": "a/b:c", }, } }';
    await files.write({ [FILE]: right });
    const document = await open(right);
    assert.equal(document.languageId, 'jsonc');
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(1, 26), '"artefactType": "x/y", ');
    await vscode.workspace.applyEdit(edit);
    await problemIn(FILE, 'Property artefactType is not allowed.');
    await document.save();
  });

  it('have a lens above each, which pushes it', async () => {
    const to = `${registry.host}/defined/by-lens:v1`;
    await files.write({
      [FILE]: {
        artifacts: { lens: { to, files: ['README.md'] } },
        pulls: { back: { from: to, into: 'back' } },
      },
    });
    await open('by-lens');
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      fileUri(),
      10,
    );
    assert.deepEqual(
      lenses.map(({ range, command }) => [range.start.line, command?.title]),
      [
        [2, '$(cloud-upload) Push'],
        [10, '$(cloud-download) Pull'],
      ],
    );
    const [push, pull] = lenses.map(({ command }) => command ?? assert.fail());
    const pushed = await answering({}, async () =>
      vscode.commands.executeCommand(push?.command ?? '', ...((push?.arguments ?? []) as unknown[])),
    );
    assert.match(pushed.information.join(), /^Pushed .*defined\/by-lens:v1/);
    await files.write({ 'back/keep.txt': '' });
    const pulled = await answering({}, async () =>
      vscode.commands.executeCommand(pull?.command ?? '', ...((pull?.arguments ?? []) as unknown[])),
    );
    assert.match(pulled.information.join(), /^Pulled 1 file/);
    const folder = path.join(workspaceFolder().fsPath, 'back');
    assert.deepEqual((await readdir(folder)).sort(), ['README.md', 'keep.txt']);
    const again = await answering({ warning: 'Keep existing' }, async () =>
      vscode.commands.executeCommand(commandIds.pullDefined, fileUri(), 'back'),
    );
    assert.match(again.warnings.join(), /^1 item of this artifact exists/);
  });

  it('are chosen by name', async () => {
    const to = (name: string) => `${registry.host}/defined/${name}:v1`;
    await files.write({
      [FILE]: {
        artifacts: {
          first: { to: to('first'), files: ['README.md'] },
          second: { to: to('second'), files: ['README.md'] },
        },
      },
    });
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.pushDefined);
      await chooseItem('Definition to push', 'second');
      await done;
    });
    assert.match(shown.information.join(), /^Pushed .*defined\/second:v1/);
    await assert.rejects(exists('defined/first', 'v1'));
  });

  it('push to a registry that is not known only behind a question, which comes once', async () => {
    const stranger = await startEmbeddedRegistry();
    try {
      const to = `localhost:${stranger.host.split(':')[1]}/defined/far:v1`;
      await files.write({ [FILE]: { artifacts: { far: { to, files: ['README.md'] } } } });
      const push = async () => vscode.commands.executeCommand(commandIds.pushDefined, fileUri(), 'far');
      const refused = await answering({}, push);
      assert.match(refused.warnings.join(), /^Push to localhost:\d+\?$/);
      assert.match(refused.details.join(), /"far" sends files of this workspace to localhost/);
      await assert.rejects(testRepository(stranger.host, 'defined/far').resolve('v1'));
      const pushed = await answering({ warning: 'Push' }, push);
      assert.deepEqual(pushed.errors, []);
      await testRepository(stranger.host, 'defined/far').resolve('v1');
      assert.deepEqual((await answering({}, push)).warnings, []);
    } finally {
      await stranger.stop();
    }
  });

  it('say where they are wrong, and lead there', async () => {
    await files.write({
      [FILE]: `{ "artifacts": { "out": {\n "to": "${registry.host}/a/b:c",\n "files": ["../secret"] } } }`,
    });
    const shown = await answering({ error: 'Show in file' }, async () =>
      vscode.commands.executeCommand(commandIds.pushDefined, fileUri(), 'out'),
    );
    assert.match(
      shown.errors.join(),
      /line 3, column 12: .*"\.\.\/secret": it leads out of the workspace folder/,
    );
    const { document, selection } = vscode.window.activeTextEditor ?? assert.fail();
    assert.equal(document.uri.fsPath, fileUri().fsPath);
    assert.deepEqual([selection.active.line, selection.active.character], [2, 11]);
  });

  it('are created from files, beside those that are there', async () => {
    await files.write({ [FILE]: '// kept\n{\n  "artifacts": {}\n}\n' });
    const chosen = ['policies', 'README.md'].map((name) => vscode.Uri.joinPath(workspaceFolder(), name));
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.createDefinition, chosen[0], chosen);
      await answerInput('Name of the push definition', 'Made here');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    await frontDocument('"Made here"');
    assert.equal(
      await readFile(fileUri().fsPath, 'utf8'),
      `// kept\n{\n  "artifacts": {\n    "Made here": {\n      "to": "${registry.host}/made-here:latest",\n      "artifactType": "application/vnd.unknown.artifact.v1",\n      "files": [\n        "policies",\n        "README.md"\n      ]\n    }\n  }\n}\n`,
    );
    const pushed = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.pushDefined, fileUri(), 'Made here'),
    );
    assert.deepEqual(pushed.errors, []);
    await exists('made-here', 'latest');
  });

  it('are saved from the push form, and push the same', async () => {
    await files.write({ [FILE]: '' });
    const frame: PageCall = ['webview', '#push'];
    const chosen = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await vscode.commands.executeCommand(commandIds.pushWithOptions, chosen, [chosen]);
    const to = `${registry.host}/defined/form`;
    await page(frame, ['locator', '#repository input'], ['fill', to]);
    await page(frame, ['locator', '#tags input'], ['fill', 'v1']);
    await page(frame, ['locator', '#created input'], ['fill', '2024-05-06T07:08:09Z']);
    const digest: PageCall = ['locator', '.preview .content:not(.stale) .digest code'];
    await page(frame, digest, ['waitFor']);
    await page(frame, ['locator', 'vscode-button', { hasText: 'Save as push definition' }], ['click']);
    await answerInput('Name of the push definition', 'From the form');
    await frontDocument('"From the form"');
    const text = await readFile(fileUri().fsPath, 'utf8');
    assert.match(text, new RegExp(`"to": "${to}:v1",\\s+"files": \\[\\s+"README.md"\\s+\\],`));
    const pushed = await answering({}, async () =>
      vscode.commands.executeCommand(commandIds.pushDefined, fileUri(), 'From the form'),
    );
    assert.deepEqual(pushed.errors, []);
    const { bytes } = await registry.repository('defined/form').readManifest('v1');
    const { annotations } = JSON.parse(Buffer.from(bytes).toString()) as { annotations: object };
    assert.deepEqual(annotations, { 'org.opencontainers.image.created': '2024-05-06T07:08:09Z' });
  });

  it('are not run in a workspace that is not trusted', async () => {
    await files.write({
      [FILE]: { artifacts: { app: { to: `${registry.host}/defined/untrusted:v1`, files: ['README.md'] } } },
    });
    const original = Object.getOwnPropertyDescriptor(vscode.workspace, 'isTrusted');
    Object.defineProperty(vscode.workspace, 'isTrusted', { configurable: true, get: () => false });
    try {
      const shown = await answering({}, async () =>
        vscode.commands.executeCommand(commandIds.pushDefined, fileUri(), 'app'),
      );
      assert.match(shown.errors.join(), /this workspace is not trusted/);
    } finally {
      Object.defineProperty(vscode.workspace, 'isTrusted', original ?? {});
    }
    await assert.rejects(exists('defined/untrusted', 'v1'));
  });
});

/** The labels that VS Code offers at a place, once `label` is among them: the JSON language starts on its own time. */
async function completed(
  document: vscode.TextDocument,
  at: vscode.Position,
  label: string,
): Promise<string[]> {
  let labels: string[] = [];
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      at,
    );
    labels = items.map((item) => (typeof item.label === 'string' ? item.label : item.label.label));
    if (labels.includes(label)) return labels;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${label} is not among ${labels.join(', ')}`);
}
