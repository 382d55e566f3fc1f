import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../src/host/commandIds';
import { SecretStore } from '../../src/credentials/secretStore';
import { RegistryAccounts } from '../../src/host/registryAccounts';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { MapKeep } from '../support/mapKeep';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { startUserRecorder, type UserRecorder } from '../support/userRecorder';
import { answering, type Answers, type Shown } from './support/dialogs';
import {
  newFolder,
  pullByCommand,
  pushByCommand,
  row,
  signInByCommand,
  signOutByCommand,
  workspaceFolder,
} from './support/flows';
import {
  answerInput,
  chooseItem,
  hasPage,
  listedItems,
  page,
  screenshot,
  type PageCall,
} from './support/page';
import { storeSignInsIn, useRegistries } from './support/registries';
import { chooseFromRow, openSidebar } from './support/sidebar';

const { username, secondUsername, password } = testAccount;

describe('accounts of a registry', () => {
  let registry: DockerRegistry;
  let front: UserRecorder;
  let host: string;

  before(async function () {
    this.timeout(60_000);
    if (!hasPage()) this.skip();
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry({
      auth: 'htpasswd',
      htpasswdLines: [testAccount.htpasswdLine.replace(username, secondUsername)],
    });
    front = await startUserRecorder(registry.host);
    host = front.host;
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  after(async () => {
    await front?.stop();
    await registry?.stop();
  });

  beforeEach(async () => {
    await useRegistries({ host, plainHttp: true });
    await storeSignInsIn('secretStorage');
  });
  afterEach(async () => {
    await useRegistries();
    await configure('credentialOrder', undefined);
    await signOutOfAll(host);
    await storeSignInsIn('ask');
  });

  const dockerConfig = () => path.join(process.env['DOCKER_CONFIG'] ?? '', 'config.json');
  const dockerAuths = async () => {
    const text = await readFile(dockerConfig(), 'utf8').catch(() => '{}');
    return (JSON.parse(text) as { auths?: Record<string, { auth?: string }> }).auths ?? {};
  };
  const authOf = (user: string) => Buffer.from(`${user}:${password}`).toString('base64');
  const run = (command: CommandId, answers: Answers = {}): Promise<Shown> =>
    answering(answers, async () => vscode.commands.executeCommand(command, row(host)));
  const signIn = async (user: string) =>
    assert.match((await signInByCommand(host, user, password)).information.join(), /^Signed in to/);
  const signInBoth = async () => {
    await signIn(username);
    await signIn(secondUsername);
  };
  const chosenAccount = () =>
    vscode.workspace.getConfiguration('ociArtifacts').get<{ account?: string }[]>('registries', [])[0]
      ?.account;

  /** The user whose name the registry saw in the next pull. */
  async function pullingUser(): Promise<string | undefined> {
    front.users.length = 0;
    await pullByCommand([host, 'accounts/none', 'v1'], await newFolder());
    return front.users[0];
  }

  it('add up, and the last one signed in is used', async () => {
    await signIn(username);
    assert.equal(await pullingUser(), username);
    await signIn(secondUsername);
    assert.equal(await pullingUser(), secondUsername);
    const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    assert.deepEqual((await pushByCommand([file], `${host}/accounts/readme:v1`)).errors, []);
  });

  it('are chosen from the menu of the row, and back', async () => {
    await signInBoth();
    await openSidebar();
    const shown = await answering({}, async () => {
      await chooseFromRow(host, 'Choose account…');
      await page(['locator', '.quick-input-widget:visible', { hasText: `Account for ${host}` }], ['waitFor']);
      await screenshot('choose-account');
      await chooseItem(`Account for ${host}`, username);
      await until(() => chosenAccount() === username);
    });
    assert.deepEqual(shown.errors, []);
    assert.equal(await pullingUser(), username);
    const automatic = run(commandIds.chooseAccount);
    await chooseItem(`Account for ${host}`, 'Automatic');
    await automatic;
    assert.equal(chosenAccount(), undefined);
    assert.equal(await pullingUser(), secondUsername);
  });

  it('give way to the one that signs in', async () => {
    await signInBoth();
    await useRegistries({ host, plainHttp: true, account: secondUsername });
    await signIn(username);
    assert.equal(chosenAccount(), username);
    assert.equal(await pullingUser(), username);
  });

  it('are signed out one by one, or all', async () => {
    await signInBoth();
    const one = signOutByCommand(host);
    await chooseItem(`Sign out of ${host}`, secondUsername);
    assert.match((await one).information.join(), /^Signed second out of .* VS Code secret storage/);
    assert.equal(await pullingUser(), username);
    await signIn(secondUsername);
    const all = signOutByCommand(host);
    await chooseItem(`Sign out of ${host}`, 'All accounts');
    assert.match((await all).information.join(), /^Signed out of/);
    assert.equal(await pullingUser(), undefined);
  });

  describe("in VS Code's Accounts menu", () => {
    const accountItem = (user: string): PageCall => [
      'getByRole',
      'menuitem',
      { name: `${user} on ${host} (OCI Artifacts)` },
    ];
    const openAccounts = () =>
      page(['locator', '.activitybar'], ['getByRole', 'button', { name: 'Accounts' }], ['click']);

    it('are shown, and signed out there', async () => {
      await signInBoth();
      await openAccounts();
      await page(accountItem(username), ['waitFor']);
      await page(accountItem(secondUsername), ['hover']);
      const signOut: PageCall = ['getByRole', 'menuitem', { name: 'Sign Out' }];
      await page(signOut, ['waitFor']);
      await screenshot('accounts-menu');
      await page(signOut, ['click', { delay: 150 }]);
      await until(async () => (await pullingUser()) === username);
    });
  });

  describe('as sessions of VS Code', () => {
    const secrets = new SecretStore(new MapKeep(), () => 0);
    const removed: string[] = [];
    const provider = new RegistryAccounts({
      store: secrets,
      onDidChangeSecrets: new vscode.EventEmitter().event,
      onChange: () => undefined,
      remove: async (account) => {
        removed.push(account.name);
        await secrets.removeAccount(account);
      },
    });
    after(() => provider.dispose());

    it('never hold a secret, and go when they are removed', async () => {
      await secrets.set('r.io', { kind: 'basic', username: 'alice', password });
      await secrets.set('x.io', { kind: 'identityToken', token: password });
      const sessions = await provider.getSessions();
      assert.ok(!JSON.stringify(sessions).includes(password));
      assert.deepEqual(
        sessions.map(({ accessToken, account, scopes }) => [accessToken, account.label, scopes]),
        [
          ['r.io/alice', 'alice on r.io', ['r.io']],
          ['x.io/<token>', '<token> on x.io', ['x.io']],
        ],
      );
      assert.equal((await provider.getSessions(['r.io'])).length, 1);
      await provider.removeSession('r.io/alice');
      assert.deepEqual(removed, ['alice']);
      assert.deepEqual(await provider.getSessions(['r.io']), []);
    });

    it('are listed without the one whose secret cannot be decrypted', async () => {
      const keep = new MapKeep();
      await new SecretStore(keep).set('r.io', { kind: 'basic', username: 'alice', password });
      await new SecretStore(keep).set('x.io', { kind: 'basic', username: 'bob', password });
      const get = (key: string) =>
        key.includes('alice') ? Promise.reject(new Error('cannot be decrypted')) : keep.secrets.get(key);
      const listed = new RegistryAccounts({
        store: new SecretStore(Object.assign(new MapKeep(), { keys: async () => keep.keys(), get })),
        onDidChangeSecrets: new vscode.EventEmitter().event,
        onChange: () => undefined,
        remove: async () => undefined,
      });
      after(() => listed.dispose());
      const labels = (await listed.getSessions()).map(({ account }) => account.label);
      assert.deepEqual(labels, ['bob on x.io']);
    });

    it('are made by our sign-in, kept in VS Code whatever the setting says', async () => {
      await storeSignInsIn('dockerConfig');
      const shown = await answering({}, async () => {
        const session = provider.createSession([host]);
        await answerInput('(1/2)', username);
        await answerInput('(2/2)', password);
        assert.deepEqual((await session).account.label, `${username} on ${host}`);
      });
      assert.match(shown.information.join(), /Stored in VS Code secret storage/);
      assert.equal((await dockerAuths())[host], undefined);
      const backedOut = provider.createSession([host]);
      await page(['locator', '.quick-input-widget:visible', { hasText: '(1/2)' }], ['waitFor']);
      await page(['keyboard'], ['press', 'Escape']);
      await assert.rejects(backedOut, vscode.CancellationError);
    });
  });

  describe('explained', () => {
    const title = 'Why this credential?';

    it('by "Why this credential?" on the row: each source, in order, without the secret', async () => {
      await signInBoth();
      await openSidebar();
      await chooseFromRow(host, title);
      await page(['locator', '.quick-input-widget:visible', { hasText: 'used: second' }], ['waitFor']);
      await screenshot('why-this-credential');
      const items = await listedItems();
      assert.match(items[0] ?? '', /^VS Code secret storage.*used: second/s);
      assert.match(items[1] ?? '', /^Docker config.*not asked: an earlier one answered/s);
      assert.match(items[2] ?? '', /^auth\.json of podman and skopeo.*not asked/s);
      assert.ok(!items.join().includes(password) && !items.join().includes(authOf(secondUsername)));
      await chooseItem(title, 'VS Code secret storage');
      await until(
        async () => (await vscode.env.clipboard.readText()) === 'VS Code secret storage: used: second',
      );
    });

    it('for a repository, with the entry that covers it', async () => {
      await writeDockerConfig({ auths: { [`${host}/team`]: { auth: authOf(username) } } });
      try {
        const done = vscode.commands.executeCommand(commandIds.explainCredential, row(host, 'team/app'));
        await page(['locator', '.quick-input-widget:visible', { hasText: 'used: tester' }], ['waitFor']);
        assert.match((await listedItems())[1] ?? '', new RegExp(`the entry "${host}/team" of .*config.json`));
        await page(['keyboard'], ['press', 'Escape']);
        await done;
      } finally {
        await rm(dockerConfig());
      }
    });

    it('with what failed and why, and what is switched off', async () => {
      await writeDockerConfig({ credHelpers: { [host]: 'no-such-helper' } });
      try {
        await configure('credentialOrder', ['dockerConfig', 'secretStorage']);
        await signIn(username);
        const done = run(commandIds.explainCredential);
        await page(['locator', '.quick-input-widget:visible', { hasText: 'used: tester' }], ['waitFor']);
        await screenshot('why-this-credential-failed');
        const items = await listedItems();
        assert.match(
          items[0] ?? '',
          /^Docker config.*failed.*docker-credential-no-such-helper.*not installed/s,
        );
        assert.match(items[2] ?? '', /switched off by the setting/);
        await page(['keyboard'], ['press', 'Escape']);
        await done;
        assert.equal(await pullingUser(), username);
      } finally {
        await rm(dockerConfig());
      }
    });
  });

  it('follow the setting for the order at once', async () => {
    await signIn(username);
    await storeSignInsIn('dockerConfig');
    await signIn(secondUsername);
    await useRegistries({ host, plainHttp: true });
    assert.equal(await pullingUser(), username);
    await configure('credentialOrder', ['dockerConfig', 'secretStorage']);
    assert.equal(await pullingUser(), secondUsername);
    await configure('credentialOrder', []);
    assert.equal(await pullingUser(), undefined);
  });

  describe('copied', () => {
    it('to the docker config and back, where and whose it is said', async () => {
      await signIn(username);
      await openSidebar();
      const there = await answering({}, async () => {
        await chooseFromRow(host, 'Copy login to docker config…');
        await until(async () => (await dockerAuths())[host] !== undefined);
      });
      assert.deepEqual(there.warnings, []);
      assert.deepEqual((await dockerAuths())[host], { auth: authOf(username) });

      const again = await run(commandIds.copyLoginToVsCode);
      assert.match(
        again.information.join(),
        /^Copied the login of tester to .* from .*config\.json to VS Code secret storage\.$/,
      );
    });

    it('over another account only when told so', async () => {
      await writeDockerConfig({ auths: { [host]: { auth: authOf(username) } } });
      await signIn(secondUsername);
      const refused = await run(commandIds.copyLoginToDockerConfig);
      assert.match(refused.warnings.join(), /^Replace the login of tester to /);
      assert.match(refused.details.join(), /one account a registry/);
      assert.equal((await dockerAuths())[host]?.auth, authOf(username));
      const replaced = await run(commandIds.copyLoginToDockerConfig, { warning: 'Replace' });
      assert.match(replaced.information.join(), /^Copied the login of second/);
      assert.equal((await dockerAuths())[host]?.auth, authOf(secondUsername));
    });

    it('when there is one: else it is said that there is none', async () => {
      const { information } = await run(commandIds.copyLoginToVsCode);
      assert.match(information.join(), /^There is no sign-in to .* in the docker config\.$/);
    });
  });

  it('that a docker helper cannot store go to VS Code instead', async () => {
    await addHelper('cannot-store', 'cat > /dev/null; echo "not implemented"; exit 1');
    await writeDockerConfig({ credHelpers: { [host]: 'cannot-store' } });
    try {
      await storeSignInsIn('dockerConfig');
      const shown = await signInByCommand(host, username, password, { error: 'Store in VS Code instead' });
      assert.match(shown.errors.join(), /docker-credential-cannot-store: "store" failed .*: not implemented/);
      assert.match(shown.information.join(), /Stored in VS Code secret storage/);
      assert.equal(await pullingUser(), username);
    } finally {
      await rm(dockerConfig());
    }
  });

  async function writeDockerConfig(content: unknown): Promise<void> {
    await mkdir(path.dirname(dockerConfig()), { recursive: true });
    await writeFile(dockerConfig(), JSON.stringify(content));
  }
});

/** In a usual folder, which PATH lacks. */
async function addHelper(name: string, script: string): Promise<void> {
  const program = path.join(os.homedir(), '.local/bin', `docker-credential-${name}`);
  await mkdir(path.dirname(program), { recursive: true });
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
}

async function configure(name: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ociArtifacts');
  await configuration.update(name, value, vscode.ConfigurationTarget.Global);
}

async function signOutOfAll(host: string): Promise<void> {
  const done = signOutByCommand(host);
  const list: PageCall = ['locator', '.quick-input-widget:visible', { hasText: `Sign out of ${host}` }];
  const asked = await Promise.race([
    done.then(() => false),
    page(list, ['waitFor']).then(
      () => true,
      () => false,
    ),
  ]);
  if (asked) await chooseItem(`Sign out of ${host}`, 'All accounts');
  await done;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It did not become true: ${isSo.toString()}`);
}
