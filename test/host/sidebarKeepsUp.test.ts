import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { startLocalRegistry, type LocalRegistry } from '../../src/localRegistry/localRegistry';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer';
import { testAccount } from '../support/testAccount';
import { answering } from './support/dialogs';
import { newFolder, row, signInByCommand, signOutByCommand } from './support/flows';
import { answerInput, hasPage, listedItems, page, type PageCall } from './support/page';
import { storeSignInsIn, useRegistries } from './support/registries';
import { chooseFromRow, clickRow, expandRow, openSidebar, seeRow } from './support/sidebar';

const { username, password } = testAccount;

/** A change of the sidebar that has nothing to wait for. */
const SOON_MS = 3000;

async function seeRowGo(label: string): Promise<void> {
  const gone: PageCall = ['locator', `.sidebar [role=treeitem][aria-label^=${JSON.stringify(label)}]`];
  await page(gone, ['first'], ['waitFor', { state: 'detached', timeout: SOON_MS }]);
}

describe('the sidebar keeps up with', () => {
  before(async function () {
    if (!hasPage()) this.skip();
    await openSidebar();
  });
  afterEach(async () => useRegistries());

  describe('a sign-in', () => {
    let registry: DockerRegistry;

    before(async function () {
      this.timeout(60_000);
      peerOrSkip(this, 'docker-registry');
      registry = await startDockerRegistry({ auth: 'htpasswd' });
      await storeSignInsIn('secretStorage');
    });
    after(async () => {
      await storeSignInsIn('ask');
      await registry?.stop();
    });

    it('and a sign-out, in the row that is open', async () => {
      const { host } = registry;
      await useRegistries({ host, plainHttp: true });
      await expandRow(host);
      await seeRow(`Sign in to ${host}`);
      await signInByCommand(host, username, password);
      await seeRow('No repositories yet');
      await signOutByCommand(host);
      await seeRow(`Sign in to ${host}`);
    });

    for (const command of [commandIds.usePlainHttp, commandIds.skipVerification]) {
      it(`that a registry asks for after ${command}`, async () => {
        const { host } = registry;
        await useRegistries({ host, ...(command === commandIds.skipVerification && { plainHttp: true }) });
        const shown = await answering({ warning: 'Continue' }, async () => {
          const done = vscode.commands.executeCommand(command, row(host));
          await answerInput('(1/2)', username);
          await answerInput('(2/2)', password);
          await done;
        });
        assert.match(shown.information.join(), /^Signed in to /);
        await signOutByCommand(host);
      });
    }

    it('to a registry that was not there, which comes into the sidebar and is open', async () => {
      const host = registry.host.replace('127.0.0.1', 'localhost');
      await useRegistries();
      const shown = await answering({}, async () => {
        const done = vscode.commands.executeCommand(commandIds.signIn);
        await answerInput('Sign in: registry', host);
        await answerInput('(1/2)', username);
        await answerInput('(2/2)', password);
        await done;
      });
      assert.match(shown.information.join(), /^Signed in to /);
      await seeRow('No repositories yet');
      await signOutByCommand(host);
    });

    it('whose box offers the kinds of registry', async () => {
      await useRegistries();
      const asked = vscode.commands.executeCommand(commandIds.signIn);
      await page(['locator', '.quick-input-widget:visible', { hasText: 'Sign in: registry' }], ['waitFor']);
      assert.ok((await listedItems()).some((label) => label.startsWith('GitHub Container Registry')));
      await page(['keyboard'], ['press', 'Escape']);
      await asked;
    });
  });

  describe('a registry that is silent', () => {
    let silent: ScriptedServer;
    let good: LocalRegistry;

    before(async () => {
      silent = await startScriptedServer(() => ({ hang: true }));
      good = await startLocalRegistry({ root: (await newFolder()).fsPath, port: 0 });
    });
    after(async () => {
      await silent?.stop();
      await good?.stop();
    });

    it('by a row that says so, while all others change', async function () {
      this.timeout(60_000);
      const goodHost = `${good.host}:${good.port}`;
      const slow = { host: silent.host, plainHttp: true };
      await useRegistries(
        slow,
        { host: goodHost, plainHttp: true },
        { host: '127.0.0.1:2', plainHttp: true },
      );
      await expandRow(silent.host);
      await seeRow('Still waiting…');
      await useRegistries(slow, { host: goodHost, plainHttp: true });
      await seeRowGo('127.0.0.1:2');
      await expandRow(goodHost);
      await seeRow('No repositories yet');
    });

    it('until a person stops to wait', async function () {
      this.timeout(60_000);
      await useRegistries({ host: silent.host, plainHttp: true });
      await expandRow(silent.host);
      await seeRow('Still waiting…');
      await chooseFromRow('Still waiting…', 'Stop waiting');
      await seeRow('Stopped waiting');
      const asked = silent.seen.length;
      await clickRow('Stopped waiting');
      await seeRow('Still waiting…');
      assert.ok(silent.seen.length > asked);
    });
  });
});
