import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { Registry } from '../../src/targets/registry/registry';
import { startCuttingProxy, type CuttingProxy } from '../support/cuttingProxy';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testTransport } from '../support/testTransport';
import { answering } from './support/dialogs';
import {
  newFolder,
  pushByCommand,
  row,
  signInByCommand,
  signOutByCommand,
  workspaceFolder,
} from './support/flows';
import { clickInNotification, notification } from './support/notifications';
import { answerInput, hasPage, page, screenshot, type PageCall } from './support/page';
import { storeSignInsIn, useRegistries } from './support/registries';

const MIB = 1024 * 1024;
const { username, password } = testAccount;

describe('a password that changes under a push', () => {
  let registry: DockerRegistry;
  let proxy: CuttingProxy;
  let files: vscode.Uri[];

  before(async function () {
    if (!hasPage()) this.skip();
    peerOrSkip(this, 'docker-registry');
    const folder = await newFolder();
    files = ['one.bin', 'two.bin', 'three.bin'].map((name) => vscode.Uri.joinPath(folder, name));
    for (const { fsPath } of files) await writeFile(fsPath, randomBytes(4 * MIB));
    await storeSignInsIn('secretStorage');
    await setConcurrency(1);
  });
  beforeEach(async () => {
    // The list draws no more than what fits, and those of other tests would push ours out of it.
    await vscode.commands.executeCommand('notifications.clearAll');
    registry = await startDockerRegistry({ auth: 'htpasswd' });
    proxy = await startCuttingProxy(registry.host);
    await useRegistries({ host: proxy.host, plainHttp: true });
    await signInByCommand(proxy.host, username, password);
    proxy.holdAfter(2 * MIB, () => registry.setPassword('changed'));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('notifications.clearAll');
    await signOutByCommand(proxy.host);
    await proxy.stop();
    await registry.stop();
  });
  after(async () => {
    await storeSignInsIn('ask');
    await setConcurrency(undefined);
    await useRegistries();
  });

  /** Resolves when the question is there; `done` is the push. */
  async function startPush(repository: string): Promise<{ readonly done: PromiseLike<unknown> }> {
    const done = vscode.commands.executeCommand(commandIds.push, files[0], files);
    await answerInput('where to', `${proxy.host}/${repository}:v1`);
    await answerInput('artifact type', 'application/vnd.example.test.v1');
    await notification('asks to sign in: Pushing');
    return { done };
  }

  it('asks beside the progress, and the push goes on once signed in', async () => {
    const { done } = await startPush('again/push');
    await page(
      ['locator', '.notifications-center .monaco-progress-container.active'],
      ['first'],
      ['waitFor', { state: 'attached' }],
    );
    await screenshot('sign-in-again');
    await clickInNotification('asks to sign in: Pushing', 'Sign in again');
    await answerInput('(1/2)', username);
    await answerInput('(2/2)', 'changed');
    await done;
    const shown = await page<string>(await notification('Digest: sha256:'), ['first'], ['innerText']);
    const credential = { kind: 'basic', username, password: 'changed' } as const;
    const target = new Registry(registry.host, testTransport({ credential })).repository('again/push');
    const { digest } = await target.resolve('v1');
    assert.ok(shown.includes(digest));
    const { bytes } = await target.readManifest(digest);
    const { layers } = JSON.parse(Buffer.from(bytes).toString()) as { layers: { size: number }[] };
    assert.deepEqual(
      layers.map(({ size }) => size),
      [4 * MIB, 4 * MIB, 4 * MIB],
    );
  });

  it('asks again after a sign-in that was begun and left, and a no is the refusal', async () => {
    const { done } = await startPush('again/no');
    await clickInNotification('asks to sign in: Pushing', 'Sign in again');
    const box: PageCall = ['locator', '.quick-input-widget:visible', { hasText: '(1/2)' }];
    await page(box, ['locator', 'input:visible'], ['first'], ['press', 'Escape']);
    await page(box, ['waitFor', { state: 'hidden' }]);
    await clickInNotification('asks to sign in: Pushing', 'Cancel');
    await notification('refused the credentials');
    await vscode.commands.executeCommand('notifications.clearAll');
    await done;
  });
});

describe('a password that changed before', () => {
  let registry: DockerRegistry;
  const repository = 'again/verbs';
  let current = '';

  before(async function () {
    if (!hasPage()) this.skip();
    peerOrSkip(this, 'docker-registry');
    await storeSignInsIn('secretStorage');
    registry = await startDockerRegistry({ auth: 'htpasswd', deleteEnabled: true });
    await useRegistries({ host: registry.host, plainHttp: true });
    await signInByCommand(registry.host, username, password);
    const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    await pushByCommand([file], `${registry.host}/${repository}:v1`);
  });
  beforeEach(async () => {
    current = randomBytes(6).toString('hex');
    await registry.setPassword(current);
  });
  after(async () => {
    await signOutByCommand(registry.host);
    await registry?.stop();
    await storeSignInsIn('ask');
    await useRegistries();
  });

  for (const [what, command, during] of [
    ['resolving', commandIds.resolve, 'Resolving'],
    ['copying a digest', commandIds.copyDigestReference, 'Resolving'],
    ['opening a config', commandIds.openConfig, 'Reading the config of'],
    ['exporting a manifest', commandIds.exportManifest, 'Reading'],
    ['removing a tag', commandIds.untag, 'Removing the tag'],
    ['deleting an artifact', commandIds.delete, 'Looking for what goes with'],
  ] as const) {
    it(`is asked for while ${what}, which goes on`, async () => {
      const shown = await answering({ error: 'Sign in again' }, async () => {
        const done = vscode.commands.executeCommand(command, row(registry.host, repository, 'v1'));
        await answerInput('(1/2)', username);
        await answerInput('(2/2)', current);
        await done;
      });
      assert.deepEqual(shown.errors, [
        `${registry.host} asks to sign in: ${during} ${registry.host}/${repository}:v1`,
      ]);
    });
  }
});

async function setConcurrency(value: number | undefined): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ociArtifacts');
  await configuration.update('concurrency', value, vscode.ConfigurationTarget.Global);
}
