import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { digestOf } from '../../src/oci/digest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { fileBlob, manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { testRepository } from './support/testRepository';
import { newFolder } from './support/flows';
import { hasPage, page, screenshot } from './support/page';
import { useRegistries } from './support/registries';
import { chooseFromRow, clickRow, expandRow, openSidebar, rowLabels, seeRow } from './support/sidebar';

const TAGS = 150;

describe('the sidebar', () => {
  let registry: LocalRegistry;
  let host: string;
  const requests: string[] = [];

  before(async function () {
    this.timeout(60_000);
    if (!hasPage()) this.skip();
    const root = (await newFolder()).fsPath;
    registry = await startLocalRegistry({
      root,
      port: 0,
      onRequest: ({ method, url }) => requests.push(`${method} ${url}`),
    });
    host = `${registry.host}:${registry.port}`;
    await fill();
    await useRegistries({ host, plainHttp: true });
    await openSidebar();
  });

  after(async () => {
    await useRegistries();
    await registry?.stop();
  });

  async function fill(): Promise<void> {
    const many = testRepository(host, 'team/many');
    const manifest = await pushArtifact(many, [textBlob('one file')], {
      annotations: { 'org.opencontainers.image.description': 'many tags' },
    });
    for (let number = 1; number <= TAGS; number += 1) {
      await many.tag(manifest, `v${String(number).padStart(3, '0')}`);
    }
    const signed = testRepository(host, 'team/signed');
    const titled = textBlob('a title');
    const layer = {
      ...titled,
      descriptor: { ...titled.descriptor, annotations: { 'org.opencontainers.image.title': 'notes.txt' } },
    };
    const subject = await pushArtifact(signed, [layer]);
    await signed.tag(subject, 'v1');
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: subject.descriptor });
    await signed.push(sbom.descriptor, sourceOf(sbom.bytes));
  }

  it('shows registry, group, repository and the first tags, one request a level', async () => {
    await expandRow(host);
    await expandRow('team');
    requests.length = 0;
    await expandRow('many');
    await seeRow('v001');
    assert.deepEqual(requests, ['GET /v2/team/many/tags/list?n=100']);
    await screenshot('sidebar-tags');
  });

  it('loads the next page by "Load more…"', async () => {
    requests.length = 0;
    await page(['locator', '.sidebar .monaco-list'], ['first'], ['focus']);
    await page(['keyboard'], ['press', 'End']);
    await seeRow('Load more…');
    await clickRow('Load more…');
    await page(['locator', '.sidebar [aria-label^="Load more"]'], ['waitFor', { state: 'detached' }]);
    await page(['keyboard'], ['press', 'End']);
    assert.deepEqual(requests, ['GET /v2/team/many/tags/list?last=v100&n=100']);
    await page(['keyboard'], ['press', 'Home']);
  });

  it('shows layers by title and referrers by kind', async () => {
    await page(['keyboard'], ['press', 'Home']);
    await vscode.commands.executeCommand('workbench.actions.treeView.ociArtifacts.registries.collapseAll');
    await expandRow(host);
    await expandRow('team');
    await expandRow('signed');
    await expandRow('v1');
    await seeRow('notes.txt');
    await expandRow('Referrers');
    await seeRow('SBOM (SPDX)');
    const labels = await rowLabels();
    assert.ok(labels.indexOf('notes.txt') < labels.indexOf('Referrers'));
    await screenshot('sidebar-referrers');
  });

  it('copies the reference from the menu of a row', async () => {
    await chooseFromRow('v1', 'Copy reference');
    await waitForClipboard(`${host}/team/signed:v1`);
  });

  it('copies the digest reference from the menu of a row', async () => {
    await chooseFromRow('v1', 'Copy digest reference');
    const digest = (await testRepository(host, 'team/signed').resolve('v1')).digest;
    await waitForClipboard(`${host}/team/signed@${digest}`);
  });

  it('opens the manifest as a read-only JSON document', async () => {
    await chooseFromRow('v1', 'Open manifest');
    const editor = await activeEditor('oci-manifest');
    const manifest = JSON.parse(editor.document.getText()) as { mediaType: string };
    assert.equal(editor.document.languageId, 'json');
    assert.equal(manifest.mediaType, mediaTypes.ociManifest);
    const before = editor.document.getText();
    await page(['locator', '.editor-instance .monaco-editor'], ['first'], ['click']);
    await page(['keyboard'], ['type', 'typed by a person']);
    assert.equal(editor.document.getText(), before);
    assert.equal(editor.document.isDirty, false);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('shows a failure as a row that says what to do, and recovers on refresh', async () => {
    const dead = '127.0.0.1:1';
    await useRegistries({ host: dead, plainHttp: true }, { host, plainHttp: true });
    await expandRow(dead);
    await seeRow(`Cannot reach ${dead} (ECONNREFUSED)`);
    await screenshot('sidebar-error');
    await useRegistries({ host, plainHttp: true });
    await seeRow(host);
  });

  it('welcomes who has no registry', async () => {
    await useRegistries();
    for (const name of ['Add registry', 'Sign in', 'Start local registry']) {
      await page(['locator', '.sidebar .welcome-view'], ['getByRole', 'button', { name }], ['waitFor']);
    }
    await screenshot('sidebar-welcome');
    await useRegistries({ host, plainHttp: true });
  });

  it('shows so much of a title that has no end', async () => {
    const title = `endless-${'title'.repeat(200_000)}`;
    const target = testRepository(host, 'team/endless');
    const manifest = await pushArtifact(target, [fileBlob(title, Buffer.from('one'))]);
    await target.tag(manifest, 'v1');
    await vscode.commands.executeCommand('ociArtifacts.refresh');
    await expandRow(host);
    await expandRow('team');
    await expandRow('endless');
    await expandRow('v1');
    await seeRow('endless-title');
    const label = (await rowLabels()).find((each) => each.startsWith('endless-title')) ?? '';
    assert.equal(label, `${title.slice(0, 200)}…`);
  });

  it('shows what is there after the content changed', async () => {
    const many = testRepository(host, 'team/late');
    const manifest = await pushArtifact(many, [textBlob('late')]);
    await many.tag(manifest, 'v1');
    await vscode.commands.executeCommand('ociArtifacts.refresh');
    await expandRow(host);
    await expandRow('team');
    await seeRow('late');
    assert.equal(digestOf(manifest.bytes), manifest.descriptor.digest);
  });
});

async function waitForClipboard(expected: string): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause()) {
    if ((await vscode.env.clipboard.readText()) === expected) return;
  }
  assert.equal(await vscode.env.clipboard.readText(), expected);
}

async function activeEditor(scheme: string): Promise<vscode.TextEditor> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause()) {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.uri.scheme === scheme) return editor;
  }
  throw new Error(`No editor shows a document of ${scheme}`);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
