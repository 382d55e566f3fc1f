import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { manifestOf, pushArtifact, sourceOf, textBlob } from '../support/artifacts';
import { newFolder, row } from './support/flows';
import { cspViolations, page, screenshot, type PageCall } from './support/page';
import { useRegistries } from './support/registries';
import { testRepository } from './support/testRepository';

const EVIL = '<img src=x onerror="document.title=\'owned\'"><b>bold</b>';
const LONG = 'long'.repeat(250_000);
const frame: PageCall = ['webview', 'main#root h1'];

describe('the details page', () => {
  let registry: LocalRegistry;
  let host: string;
  let digest: string;

  before(async () => {
    registry = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    host = `${registry.host}:${registry.port}`;
    await useRegistries({ host, plainHttp: true });
    const target = testRepository(host, 'page/app');
    const manifest = await pushArtifact(target, [textBlob('content')], {
      annotations: { 'org.opencontainers.image.created': '2026-01-02T03:04:05Z', evil: EVIL, long: LONG },
    });
    await target.tag(manifest, 'v1');
    digest = manifest.descriptor.digest;
    const sbom = manifestOf([], { artifactType: 'application/spdx+json', subject: manifest.descriptor });
    await target.push(sbom.descriptor, sourceOf(sbom.bytes));
    await vscode.commands.executeCommand('ociArtifacts.openDetails', row(host, 'page/app', 'v1'));
    await page(frame, ['locator', '.referrers vscode-table'], ['waitFor']);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await useRegistries();
    await registry.stop();
  });

  const text = () => page<string>(frame, ['locator', '#root'], ['innerText']);

  it('shows type, digest, sizes, created, layers, annotations and referrers', async () => {
    const shown = await text();
    for (const part of [
      `${host}/page/app:v1`,
      digest,
      'application/vnd.example.test',
      '2026-01-02T03:04:05Z',
    ]) {
      assert.ok(shown.includes(part), `${part} is missing in ${shown}`);
    }
    assert.match(shown, /Layers[\s\S]*application\/vnd\.oci\.image\.layer\.v1\.tar[\s\S]*7 B/);
    assert.match(shown, /Referrers[\s\S]*SBOM \(SPDX\)/);
    await screenshot('details');
  });

  it('shows hostile text as text', async () => {
    assert.ok((await text()).includes(EVIL));
    assert.equal(await page(frame, ['locator', '#root img'], ['count']), 0);
  });

  it('shows so much of a text that has no end', async () => {
    const shown = await text();
    assert.ok(shown.includes(LONG.slice(0, 9_000)));
    assert.ok(shown.length < 20_000, `${shown.length} characters`);
  });

  it('draws its components and breaks no rule of its content security policy', async () => {
    assert.equal(await page(frame, ['locator', ':not(:defined)'], ['count']), 0);
    assert.deepEqual(await cspViolations(frame), []);
    await page(frame, [
      'evaluate',
      'document.body.insertAdjacentHTML("beforeend", "<p style=\'color:red\'></p>")',
    ]);
    assert.deepEqual(await cspViolations(frame), ['style-src-attr']);
  });

  it('opens a referrer from its row', async () => {
    await page(frame, ['locator', '.referrers a'], ['first'], ['click']);
    await page(['webview', 'h1:has-text("@sha256:")'], ['locator', 'h1'], ['waitFor']);
  });
});
