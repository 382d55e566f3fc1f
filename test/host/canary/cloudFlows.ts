import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/host/commandIds';
import { startAcrStandIn, type AcrStandIn } from '../../support/acrStandIn';
import { microsoftToken, refreshToken } from '../../support/acrTokens';
import { enterAwsHome } from '../../support/awsHome';
import { makeAzureCli, type AzureCliStandIn } from '../../support/azureCliStandIn';
import { startEcr } from '../../support/ecr';
import { motoRegion } from '../../support/motoServer';
import type { SeenRequest } from '../../support/scriptedServer';
import { testAccount } from '../../support/testAccount';
import { answering, type Shown } from '../support/dialogs';
import { row, signOutByCommand } from '../support/flows';
import { answerInput } from '../support/page';
import { storeSignInsIn, useRegistries } from '../support/registries';
import { answerSessions, type SessionAnswer } from '../support/sessions';
import type { Flow } from './flow';
import type { Stage } from './stage';
import { explain, failToPull, useArtifact } from './steps';

/** The user name of whoever signs in to an Azure registry by a token. */
const NULL_USER = '00000000-0000-0000-0000-000000000000';

/** Sign-ins by Amazon, Azure and GitHub. */
export const cloudFlows: readonly Flow[] = [
  { name: 'a sign-in to Amazon ECR by an AWS profile', peers: ['moto'], run: amazonEcr },
  { name: 'an AWS that repeats what it was sent', run: echoingAws },
  { name: 'a service principal of Azure', run: servicePrincipal },
  { name: 'a Microsoft account at an Azure registry', run: microsoftAccount },
  { name: 'what az acr login left in the docker config', run: azAcrLogin },
  { name: 'a sign-in by the Azure CLI', run: azureCli },
  { name: 'an Azure CLI that fails and prints what it knows', run: talkingAzureCli },
  { name: 'an Azure registry that repeats a Microsoft token', run: echoingExchange },
  { name: 'a GitHub account at ghcr.io', run: githubAccount },
  { name: 'a GitHub that repeats a token', run: echoingGithub },
];

/** Signs in by one of the ways of a cloud, and answers what it asks. */
async function signInBy(
  host: string,
  way: string,
  ...typed: readonly (readonly [title: string, text: string])[]
): Promise<Shown> {
  return answering({}, async () => {
    const done = vscode.commands.executeCommand(commandIds.signIn, row(host));
    await answerInput(`Sign in to ${host} with`, way);
    for (const [title, text] of typed) await answerInput(title, text);
    await done;
  });
}

async function signedInBy(stage: Stage, ...signIn: Parameters<typeof signInBy>): Promise<void> {
  const shown = await signInBy(...signIn);
  assert.deepEqual(shown.errors, []);
  assert.match(shown.information.join(), /^Signed in to/);
  stage.lookAtMessages('sign-in', shown);
}

/** Uses the registry, asks why, and signs out. */
async function wholeUse(stage: Stage, host: string, account: string): Promise<void> {
  await useArtifact(stage, host, { information: 'Create repository' });
  await explain(stage, host, account);
  stage.lookAtMessages('sign-out', await signOutByCommand(host));
}

/** AWS's configuration, with keys that are marked in the profile `work`. Keys are such as fit in a header. */
async function awsProfile(stage: Stage, endpoint: string): Promise<void> {
  const home = await enterAwsHome();
  stage.cleanup(() => home.leave());
  home.set({ AWS_ENDPOINT_URL: endpoint });
  const { canary } = stage;
  const keys = [
    `aws_access_key_id = ${canary.word('key')}`,
    `aws_secret_access_key = ${canary.secret('secret-key')}`,
    `aws_session_token = ${canary.word('session')}`,
  ];
  await home.write('credentials', `[work]\n${keys.join('\n')}\n`);
}

async function amazonEcr(stage: Stage): Promise<void> {
  const ecr = await startEcr();
  stage.cleanup(() => ecr.stop());
  stage.canary.notice('the password that AWS gave', ecr.account.password);
  await awsProfile(stage, ecr.moto.url);
  await useRegistries({ host: ecr.host, plainHttp: true, kind: 'amazonEcr', awsRegion: motoRegion });
  await signedInBy(stage, ecr.host, 'AWS profile', [`AWS profile for ${ecr.host}`, 'work']);
  await wholeUse(stage, ecr.host, ecr.account.username);
}

async function echoingAws(stage: Stage): Promise<void> {
  for (const type of ['InvalidSignatureException', 'UnrecognizedClientException', 'AccessDeniedException']) {
    const aws = await stage.server(
      ({ headers }) => ({
        status: 400,
        headers: { 'Content-Type': 'application/x-amz-json-1.1' },
        body: JSON.stringify({
          __type: type,
          message: `sent ${String(headers['x-amz-security-token'])} ${headers.authorization}`,
        }),
      }),
      { listed: false },
    );
    await awsProfile(stage, `http://${aws}`);
    const host = await stage.server(basicChallenge, { listed: false });
    await useRegistries({ host, plainHttp: true, kind: 'amazonEcr', awsRegion: motoRegion });
    const shown = await signInBy(host, 'AWS profile', [`AWS profile for ${host}`, 'work']);
    assert.match(shown.errors.join(), /sent|AWS/);
    stage.lookAtMessages(`sign-in after ${type}`, shown);
    await useRegistries({
      host,
      plainHttp: true,
      kind: 'amazonEcr',
      awsRegion: motoRegion,
      awsProfile: 'work',
    });
    await failToPull(stage, host, /AWS|ECR/);
  }
}

function basicChallenge() {
  return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } };
}

async function startAcr(stage: Stage): Promise<AcrStandIn> {
  const { canary } = stage;
  const acr = await startAcrStandIn({ password: canary.secret('principal'), tokenId: canary.word('acr') });
  stage.cleanup(() => acr.stop());
  await useRegistries({ host: acr.host, plainHttp: true, kind: 'azureAcr' });
  await storeSignInsIn('secretStorage');
  return acr;
}

/** Puts an Azure CLI on the PATH. */
async function installAzureCli(stage: Stage): Promise<AzureCliStandIn> {
  const cli = await makeAzureCli();
  const before = process.env['PATH'];
  process.env['PATH'] = `${cli.folder}${path.delimiter}${before}`;
  stage.cleanup(async () => {
    process.env['PATH'] = before;
    await cli.remove();
  });
  return cli;
}

async function servicePrincipal(stage: Stage): Promise<void> {
  const { host, state } = await startAcr(stage);
  const { username, password } = state.servicePrincipal;
  await signedInBy(stage, host, 'User name and password', ['(1/2)', username], ['(2/2)', password]);
  await wholeUse(stage, host, username);
}

async function microsoftAccount(stage: Stage): Promise<void> {
  const { host, state } = await startAcr(stage);
  // Azure's management is played by the stand-in as well.
  const management = { host: 'management.azure.com', resolve: host, plainHttp: true };
  await useRegistries({ host, plainHttp: true, kind: 'azureAcr' }, management);
  useSessions(stage, 'microsoft', () => ({
    account: 'user@contoso.com',
    token: microsoftToken(state, state.tenant, 'management'),
  }));
  await signedInBy(stage, host, 'Microsoft account', [`${host}: tenant`, state.tenant]);
  await wholeUse(stage, host, NULL_USER);
}

function useSessions(stage: Stage, provider: string, answer: SessionAnswer): void {
  const restore = answerSessions({ [provider]: answer });
  stage.cleanup(async () => restore());
}

async function azAcrLogin(stage: Stage): Promise<void> {
  const { host, state } = await startAcr(stage);
  const auth = Buffer.from(`${NULL_USER}:`).toString('base64');
  const entry = { auth, identitytoken: refreshToken(state) };
  await stage.dockerConfig(JSON.stringify({ auths: { [host]: entry } }));
  await wholeUse(stage, host, NULL_USER);
}

async function azureCli(stage: Stage): Promise<void> {
  const { host, state } = await startAcr(stage);
  const cli = await installAzureCli(stage);
  await cli.signIn(host, refreshToken(state));
  await signedInBy(stage, host, 'Azure CLI');
  await wholeUse(stage, host, NULL_USER);
}

async function talkingAzureCli(stage: Stage): Promise<void> {
  const { host, state } = await startAcr(stage);
  const cli = await installAzureCli(stage);
  const token = refreshToken(state);
  for (const end of ['exit 1', 'exit 0', 'kill -9 $$']) {
    await writeFile(path.join(cli.folder, 'az'), `#!/bin/sh\necho '${token}'\necho '${token}' >&2\n${end}\n`);
    const shown = await signInBy(host, 'Azure CLI');
    assert.match(shown.errors.join(), /Azure CLI/);
    stage.lookAtMessages(`sign-in, ${end}`, shown);
    await failToPull(stage, host, /sign in|Azure CLI/);
  }
}

async function echoingExchange(stage: Stage): Promise<void> {
  // A real token would be cut off in a message before its mark.
  const token = stage.canary.word('microsoft');
  const echo = ({ headers, body }: SeenRequest) => {
    const said = new URLSearchParams(body.toString()).get('access_token') ?? headers.authorization;
    return {
      ...basicChallenge(),
      body: JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `sent ${said}` }] }),
    };
  };
  const host = await stage.server(echo, { listed: false });
  const management = { host: 'management.azure.com', resolve: host, plainHttp: true };
  await useRegistries({ host, plainHttp: true, kind: 'azureAcr' }, management);
  useSessions(stage, 'microsoft', () => ({ account: 'user@contoso.com', token }));
  const shown = await signInBy(host, 'Microsoft account', [`${host}: tenant`, 'contoso.com']);
  assert.match(shown.errors.join(), /refused the credentials.*sent/);
  stage.lookAtMessages('sign-in', shown);
  await stage.lookAround('sign-in');
}

/** ghcr.io and GitHub's API, played by servers of this machine. */
async function asGithub(
  stage: Stage,
  registry: string,
  api: (request: SeenRequest) => object,
): Promise<void> {
  const resolve = await stage.server(api, { listed: false });
  await useRegistries(
    { host: 'ghcr.io', resolve: registry, plainHttp: true },
    { host: 'api.github.com', resolve, plainHttp: true },
  );
}

async function githubAccount(stage: Stage): Promise<void> {
  const token = stage.canary.word('github');
  const { host } = await stage.registry({ auth: 'htpasswd' }, token);
  const listed = [{ name: 'app', owner: { login: testAccount.username } }];
  await asGithub(stage, host, () => ({ body: JSON.stringify(listed) }));
  useSessions(stage, 'github', () => ({ account: testAccount.username, token }));
  await signedInBy(stage, 'ghcr.io', 'GitHub account');
  await wholeUse(stage, 'ghcr.io', testAccount.username);
}

async function echoingGithub(stage: Stage): Promise<void> {
  const token = stage.canary.word('github');
  const { host } = await stage.registry({ auth: 'htpasswd' }, token);
  await asGithub(stage, host, ({ headers }) => ({
    status: 403,
    body: JSON.stringify({ message: `Resource not accessible by ${headers.authorization}` }),
  }));
  useSessions(stage, 'github', () => ({ account: testAccount.username, token }));
  await signedInBy(stage, 'ghcr.io', 'GitHub account');
  await failToPull(stage, 'ghcr.io', /not found/);
  await signOutByCommand('ghcr.io');
}
