import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { basic } from '../support/recorded/account';
import { json, specError, webPage } from '../support/recorded/answers';
import { gitlabRegistry, gitlabServer } from '../support/recorded/gitlab';
import { harborServer } from '../support/recorded/harbor';
import { quayServer } from '../support/recorded/quay';
import { startScriptedServer, type Script, type ScriptedServer } from '../support/scriptedServer';
import { answering } from './support/dialogs';
import { newFolder, row, signOutByCommand, workspaceFolder } from './support/flows';
import { answerInput, hasPage, page, screenshot, type PageCall } from './support/page';
import { storeSignInsIn, useRegistries, type RegistryEntry } from './support/registries';
import { clickRow, expandRow, openSidebar, seeRow, seeTooltip } from './support/sidebar';

const widget: PageCall = ['locator', '.quick-input-widget:visible'];
const press = (key: string) => page(['keyboard'], ['press', key]);
const registries = () =>
  vscode.workspace.getConfiguration('ociArtifacts').get<RegistryEntry[]>('registries', []);

/** Waits for the box with this title. */
const seeBox = (title: string) =>
  page(['locator', '.quick-input-widget:visible', { hasText: title }], ['waitFor']);

const choose = async (label: string) => {
  const item: readonly PageCall[] = [widget, ['getByRole', 'option', { name: label }], ['first']];
  await page(...item, ['waitFor']);
  await page(...item, ['click']);
};

describe('adding a registry', () => {
  const servers: ScriptedServer[] = [];
  const start = async (script: Script) => {
    const server = await startScriptedServer(script);
    servers.push(server);
    // Plain HTTP is the default for exactly this name.
    return server.host.replace('127.0.0.1', 'localhost');
  };

  before(async function () {
    if (!hasPage()) this.skip();
    await useRegistries();
    await openSidebar();
  });
  afterEach(async () => {
    await useRegistries();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it('knows the kinds, and finds one by its name', async () => {
    const done = vscode.commands.executeCommand(commandIds.addRegistry);
    await seeBox('Add registry');
    for (const label of [
      'Docker Hub',
      'GitHub Container Registry',
      'Amazon ECR',
      'Azure Container Registry',
    ]) {
      await page(widget, ['getByRole', 'option', { name: label }], ['first'], ['waitFor']);
    }
    await screenshot('add-registry');
    await page(widget, ['locator', 'input:visible'], ['first'], ['fill', 'harb']);
    await choose('Harbor');
    await seeBox('Add registry: Harbor');
    await press('Escape');
    await seeBox('on this machine, no Docker needed');
    await press('Escape');
    await done;
    assert.deepEqual(registries(), []);
  });

  it('asks an Amazon registry for account and region, says what is wrong, and goes back by Escape', async () => {
    const done = vscode.commands.executeCommand(commandIds.addRegistry);
    await choose('Amazon ECR,');
    await seeBox('AWS account ID');
    await page(widget, ['locator', 'input:visible'], ['first'], ['fill', '12345']);
    await press('Enter');
    await seeBox('An AWS account ID has twelve digits.');
    await page(widget, ['locator', 'input:visible'], ['first'], ['fill', '123456789012']);
    await press('Enter');
    await seeBox('AWS region');
    await press('Escape');
    await seeBox('AWS account ID');
    assert.equal(await page(widget, ['locator', 'input:visible'], ['first'], ['inputValue']), '123456789012');
    await press('Escape');
    await seeBox('on this machine, no Docker needed');
    await press('Escape');
    await done;
    assert.deepEqual(registries(), []);
  });

  it('adds a Harbor by its host, and lists its public projects', async () => {
    const host = await start(harborServer([]));
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.addRegistry);
      await choose('Harbor');
      await answerInput('Host of the registry', host);
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.deepEqual(registries(), [{ host, kind: 'harbor' }]);
    await expandRow(host);
    await seeRow('library/alpine');
  });

  it('adds a Quay on a host of its own with an organization, and shows what kind it is', async () => {
    const host = await start(quayServer());
    await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.addRegistry);
      await choose('Quay');
      await seeBox('(1/2)');
      await page(widget, ['locator', 'input:visible'], ['first'], ['fill', host]);
      await press('Enter');
      await answerInput('Organizations or users', 'team');
      await done;
    });
    assert.deepEqual(registries(), [{ host, kind: 'quay', namespaces: ['team'] }]);
    await expandRow(host);
    await seeRow('team');
    await seeTooltip(host, `${host} (Quay)`);
    await screenshot('registry-tooltip');
    await press('Escape');
  });

  it('finds out by itself that a typed host is a GitLab, and goes on to sign in', async () => {
    const gitlab = await start(gitlabServer([]));
    const host = await start(gitlabRegistry(gitlab));
    const done = vscode.commands.executeCommand(commandIds.addRegistry);
    await answerInput('Add registry', host);
    await seeBox('(1/2)');
    await seeBox('GitLab user name');
    assert.deepEqual(registries(), [{ host, kind: 'gitlab' }]);
    await press('Escape');
    await done;
  });

  it('offers to add an organization where there is nothing to list yet', async () => {
    await useRegistries({ host: 'docker.io' });
    await expandRow('docker.io');
    await seeRow('Add organization or user…, nothing to list yet');
    await screenshot('nothing-to-list-yet');
    await clickRow('Add organization or user…');
    await answerInput('Add organization or user of docker.io', 'grafana');
    for (const end = Date.now() + 5000; Date.now() < end && !registries()[0]?.namespaces;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.deepEqual(registries(), [{ host: 'docker.io', namespaces: ['grafana'] }]);
  });

  it("signs in to Google's registry with the text of a key file", async () => {
    const key = '{"type":"service_account","private_key":"marked"}';
    const host = await start(({ headers }) =>
      headers.authorization === basic('_json_key', key)
        ? json({})
        : { ...specError(401, 'UNAUTHORIZED', 'no'), headers: { 'WWW-Authenticate': 'Basic realm="x"' } },
    );
    await useRegistries({ host, kind: 'googleArtifactRegistry' });
    await storeSignInsIn('secretStorage');
    const file = vscode.Uri.joinPath(await newFolder(), 'key.json');
    await writeFile(file.fsPath, key);
    const shown = await answering({ open: [file] }, async () => {
      const done = vscode.commands.executeCommand(commandIds.signIn, row(host));
      await choose('Service account key file');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information.join(), /^Signed in to localhost/);
    await signOutByCommand(host);
    await storeSignInsIn('ask');
  });

  it("offers VS Code's GitHub account for ghcr.io beside a token", async () => {
    const done = vscode.commands.executeCommand(commandIds.signIn, row('ghcr.io'));
    for (const label of ['GitHub account', 'User name and password']) {
      await page(widget, ['getByRole', 'option', { name: label }], ['first'], ['waitFor']);
    }
    await choose('User name and password');
    await seeBox('GitHub user name');
    await press('Escape');
    await done;
  });

  it('offers a reference in lower case, and goes on with it', async () => {
    const host = await start(() => webPage);
    const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    const done = vscode.commands.executeCommand(commandIds.push, file, [file]);
    await seeBox('where to');
    await page(widget, ['locator', 'input:visible'], ['first'], ['fill', `${host}/MyOrg/Tool:V1`]);
    await seeBox('in lower case, as registries ask for it');
    await screenshot('lower-case');
    await choose('in lower case');
    await seeBox('artifact type');
    await press('Escape');
    await done;
  });
});
