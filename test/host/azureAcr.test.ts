import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { openMicrosoftSession } from '../../src/host/microsoftSession';
import { CredentialStoreError } from '../../src/oci/errors';
import { startAcrStandIn, type AcrStandIn } from '../support/acrStandIn';
import { refreshToken } from '../support/acrTokens';
import { makeAzureCli, type AzureCliStandIn } from '../support/azureCliStandIn';
import { peerOrSkip } from '../support/peers';
import { answering } from './support/dialogs';
import {
  newFolder,
  pullByCommand,
  pushByCommand,
  row,
  signOutByCommand,
  workspaceFolder,
} from './support/flows';
import { answerInput, hasPage, page } from './support/page';
import { storeSignInsIn, useRegistries } from './support/registries';

/** The stand-in is no host of Azure's; the setting `kind` makes it one. */
describe('an Azure registry, against a stand-in', () => {
  let acr: AcrStandIn;
  let cli: AzureCliStandIn;
  const searchPath = process.env['PATH'];

  before(async function () {
    this.timeout(60_000);
    if (!hasPage() || process.platform === 'win32') this.skip();
    peerOrSkip(this, 'docker-registry');
    acr = await startAcrStandIn();
    cli = await makeAzureCli();
    process.env['PATH'] = `${cli.folder}:${searchPath}`;
    await storeSignInsIn('secretStorage');
    await useRegistries({ host: acr.host, plainHttp: true, kind: 'azureAcr' });
  });
  after(async () => {
    process.env['PATH'] = searchPath;
    await useRegistries();
    await storeSignInsIn('ask');
    await cli?.remove();
    await acr?.stop();
  });

  const signInWith = (way: string, ...typed: readonly (readonly [title: string, text: string])[]) =>
    answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.signIn, row(acr.host));
      await answerInput(`${acr.host} with`, way);
      for (const [title, text] of typed) await answerInput(title, text);
      await done;
    });

  it('offers its ways to sign in', async () => {
    const done = vscode.commands.executeCommand(commandIds.signIn, row(acr.host));
    for (const way of ['Microsoft account', 'Azure CLI', 'User name and password']) {
      await page(['locator', '.quick-input-list', { hasText: way }], ['waitFor']);
    }
    await page(['keyboard'], ['press', 'Escape']);
    await done;
  });

  it('says what to do when the Azure CLI is not signed in', async () => {
    const { errors } = await signInWith('Azure CLI');
    assert.match(
      errors.join(),
      /Azure CLI: "az acr login --name 127" ended with exit code 1; "az login" may help/,
    );
  });

  it('signs in with the Azure CLI, pushes, pulls, removes a tag and deletes the repository', async () => {
    await cli.signIn(acr.host, refreshToken(acr.state));
    const signedIn = await signInWith('Azure CLI');
    assert.match(signedIn.information.join(), /^Signed in to 127\.0\.0\.1:\d+\. Stored in the Azure CLI\.$/);
    await useIt('by/cli');
    assert.match((await signOutByCommand(acr.host)).information.join(), /Removed from the Azure CLI/);
    const { errors } = await pullByCommand([acr.host, 'by/cli', 'v1'], await newFolder());
    assert.match(errors.join(), /asks you to sign in/);
  });

  it('signs in with a service principal, pushes, pulls, removes a tag and deletes the repository', async () => {
    const { username, password } = acr.state.servicePrincipal;
    await signInWith('User name and password', ['(1/2)', username], ['(2/2)', password]);
    await useIt('by/principal');
    await signOutByCommand(acr.host);
  });

  async function useIt(repository: string): Promise<void> {
    const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    const pushed = await pushByCommand([file], `${acr.host}/${repository}:v1`);
    assert.deepEqual(pushed.errors, []);
    const pulled = await pullByCommand([acr.host, repository, 'v1'], await newFolder());
    assert.match(pulled.information.join(), /^Pulled 1 file/);
    const run = (command: string, target: object, warning: string) =>
      answering({ warning }, async () => vscode.commands.executeCommand(command, target));
    const untagged = await run(commandIds.untag, row(acr.host, repository, 'v1'), 'Remove');
    assert.match(untagged.information.join(), /^Removed the tag .* stays\.$/);
    const deleted = await run(commandIds.deleteRepository, row(acr.host, repository), 'Delete');
    assert.deepEqual(deleted.information, [`Deleted the repository ${acr.host}/${repository}.`]);
    assert.ok(acr.requests.includes(`DELETE /acr/v1/${repository}`));
  }
});

describe("VS Code's Microsoft sign-in", () => {
  const scopes = ['https://management.azure.com/.default', 'VSCODE_TENANT:contoso.com'];

  it('is silent, and gives nothing, where nobody is signed in', async () => {
    assert.equal(await openMicrosoftSession({ provider: 'microsoft', scopes, silent: true }), undefined);
  });

  it('says which setting the sovereign clouds need', async function () {
    this.timeout(30_000);
    await assert.rejects(
      openMicrosoftSession({ provider: 'microsoft-sovereign-cloud', scopes, silent: true }),
      (error) => {
        return (
          error instanceof CredentialStoreError &&
          /"microsoft-sovereign-cloud\.environment"/.test(error.message)
        );
      },
    );
  });
});
