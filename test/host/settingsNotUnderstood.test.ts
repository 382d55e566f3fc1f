import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { answering, type Answers } from './support/dialogs';
import { row } from './support/flows';
import { answerInput, hasPage } from './support/page';
import { clickRow, openSidebar, rowLabels, seeRow } from './support/sidebar';

const nexus = {
  host: 'https://nexus.example.com:8443',
  caFile: '/etc/ca.pem',
  namespaces: ['a'],
};
const artifactory = { host: 'artifactory.example.com/docker-local', headers: { 'X-Team': 'a' } };
const ok = { host: '127.0.0.1:2', plainHttp: true };

const configuration = () => vscode.workspace.getConfiguration('ociArtifacts');
const stored = () => configuration().inspect('registries')?.globalValue;
const store = (value: unknown) =>
  configuration().update('registries', value, vscode.ConfigurationTarget.Global);

describe('a setting that is not understood', () => {
  before(async function () {
    if (!hasPage()) this.skip();
    await openSidebar();
  });
  afterEach(async () => {
    await store(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const run = (command: string, answers: Answers, ...args: unknown[]) =>
    answering(answers, async () => vscode.commands.executeCommand(command, ...args));

  it('is a row that says why, beside those that are', async () => {
    await store([nexus, artifactory, ok]);
    await seeRow(nexus.host);
    await seeRow(artifactory.host);
    await seeRow(ok.host);
  });

  it('opens the settings from its row', async () => {
    await store([nexus]);
    await clickRow(nexus.host);
    for (const end = Date.now() + 10_000; Date.now() < end;) {
      if (vscode.window.activeTextEditor?.document.fileName.endsWith('settings.json')) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail('the settings did not open');
  });

  it('stays as it is when the others change', async () => {
    await store([nexus, ok, artifactory]);
    const adding = run(commandIds.addRepository, {}, row(ok.host));
    await answerInput('Add repository of', 'team/app');
    await adding;
    assert.deepEqual(stored(), [nexus, { ...ok, repositories: ['team/app'] }, artifactory]);
    await run(commandIds.removeRegistry, {}, row(ok.host));
    assert.deepEqual(stored(), [nexus, artifactory]);
    await run(commandIds.usePlainHttp, { warning: 'Continue' }, row(ok.host));
    assert.deepEqual(stored(), [nexus, artifactory, ok]);
  });

  it('is a row where the value is no list, and no command of ours replaces it', async () => {
    await store({ host: ok.host });
    await seeRow('The list of registries is no list.');
    const shown = await run(commandIds.usePlainHttp, { warning: 'Continue' }, row(ok.host));
    assert.match(shown.errors.join(), /ociArtifacts\.registries cannot be used: it is no list/);
    assert.deepEqual(stored(), { host: ok.host });
    assert.deepEqual((await rowLabels()).length, 1);
  });

  it('opens by the command of the palette', async () => {
    await run(commandIds.openSettings, {});
  });
});
