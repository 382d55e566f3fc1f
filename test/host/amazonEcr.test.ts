import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import { enterAwsHome, type AwsHome } from '../support/awsHome';
import { startEcr, type Ecr } from '../support/ecr';
import { motoRegion } from '../support/motoServer';
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
import { answerInput, hasPage, screenshot } from './support/page';
import { useRegistries } from './support/registries';
import { expandRow, openSidebar, seeRow } from './support/sidebar';

const sample = 'config/app.yaml';

/** AWS's API is moto's, the content lies in docker-registry. AWS itself was not reached. */
describe('Amazon ECR in VS Code, with moto in front of docker-registry', function () {
  let ecr: Ecr;
  let home: AwsHome;

  before(async function () {
    this.timeout(90_000);
    if (!hasPage()) this.skip();
    peerOrSkip(this, 'docker-registry');
    peerOrSkip(this, 'moto');
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
    ecr = await startEcr();
    home = await enterAwsHome();
    home.set({ AWS_ENDPOINT_URL: ecr.moto.url });
    await home.write('config', '[profile other]\nregion = us-east-1\n');
    await home.write('credentials', '[work]\naws_access_key_id = AKIATEST\naws_secret_access_key = secret\n');
    await useRegistries(entry());
  });
  after(async () => {
    await useRegistries();
    await home?.leave();
    await ecr?.stop();
  });

  const entry = () => ({
    host: ecr.host,
    plainHttp: true,
    kind: 'amazonEcr',
    awsRegion: motoRegion,
  });
  const entries = () => vscode.workspace.getConfiguration('ociArtifacts').get<object[]>('registries');
  const file = () => vscode.Uri.joinPath(workspaceFolder(), sample);

  it('signs in with the AWS profile that is picked, and keeps its name in the settings', async () => {
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.signIn, row(ecr.host));
      await answerInput(`Sign in to ${ecr.host} with`, 'AWS profile');
      await answerInput(`AWS profile for ${ecr.host}`, 'work');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information.join(), /^Signed in to .* Stored in the AWS profile "work"\.$/);
    assert.deepEqual(entries(), [{ ...entry(), awsProfile: 'work' }]);
  });

  it('asks once whether to create a repository that a push lacks, and the push goes on', async () => {
    const reference = `${ecr.host}/team/app:v1`;
    const answers = { information: 'Create repository' };
    const shown = await pushByCommand([file()], reference, 'application/vnd.example.test.v1', answers);
    assert.deepEqual(shown.errors, []);
    const [question, done] = shown.information;
    assert.equal(question, `The repository team/app does not exist in ${ecr.host}. Create it?`);
    assert.match(done ?? '', /^Pushed .*team\/app:v1 .* Digest: sha256:[0-9a-f]{64}$/);
    const folder = await newFolder();
    const pulled = await pullByCommand([ecr.host, 'team/app', 'v1'], folder);
    assert.deepEqual(pulled.errors, []);
    const received = await readFile(path.join(folder.fsPath, sample));
    assert.ok(received.equals(await readFile(file().fsPath)));
  });

  it('creates nothing after a no, and says what is missing', async () => {
    const { errors } = await pushByCommand([file()], `${ecr.host}/team/refused:v1`);
    assert.match(errors.join(), /Push to .* failed: The repository .*team\/refused was not found/);
    const { status } = await ecr.moto.call('DescribeRepositories', { repositoryNames: ['team/refused'] });
    assert.equal(status, 400);
  });

  it('creates a repository by its command and shows it in the sidebar', async () => {
    const shown = await answering({}, async () => {
      const done = vscode.commands.executeCommand(commandIds.createRepository, row(ecr.host));
      await answerInput('Create repository in', 'made-by-hand');
      await done;
    });
    assert.deepEqual(shown.errors, []);
    await openSidebar();
    await vscode.commands.executeCommand(commandIds.refresh);
    await expandRow(ecr.host);
    await seeRow('made-by-hand');
    await screenshot('amazon-ecr');
  });

  it('names an empty file, and sends nothing', async () => {
    const folder = await newFolder();
    const empty = path.join(folder.fsPath, 'empty.txt');
    await writeFile(empty, '');
    const seen = ecr.lines.length;
    const { errors } = await pushByCommand([vscode.Uri.file(empty)], `${ecr.host}/team/app:v2`);
    assert.match(errors.join(), /The file "empty\.txt" cannot be used: it is empty/);
    assert.deepEqual(
      ecr.lines.slice(seen).filter((line) => !line.startsWith('GET') && !line.startsWith('HEAD')),
      [],
    );
  });

  it('deletes a repository with what is in it, after a yes', async () => {
    const target = row(ecr.host, 'team/app');
    const shown = await answering({ warning: 'Delete' }, async () =>
      vscode.commands.executeCommand(commandIds.deleteRepository, target),
    );
    assert.deepEqual(shown.errors, []);
    assert.match(shown.information.join(), /^Deleted the repository .*team\/app\.$/);
    const { status } = await ecr.moto.call('DescribeRepositories', { repositoryNames: ['team/app'] });
    assert.equal(status, 400);
  });

  it('signs out: the profile is no longer in the settings', async () => {
    const { information } = await signOutByCommand(ecr.host);
    assert.match(information.join(), /^Signed out of .* Removed from the AWS profile "work"\.$/);
    assert.deepEqual(entries(), [entry()]);
    const refused = await pullByCommand([ecr.host, 'team/app', 'v1'], await newFolder());
    assert.match(refused.errors.join(), /asks you to sign in/);
  });
});
