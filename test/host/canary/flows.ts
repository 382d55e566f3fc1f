import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/host/commandIds';
import { testAccount } from '../../support/testAccount';
import { startTokenIssuer, type TokenIssuerOptions } from '../../support/tokenIssuer';
import { answering } from '../support/dialogs';
import {
  newFolder,
  pullByCommand,
  row,
  signInByCommand,
  signOutByCommand,
  workspaceFolder,
} from '../support/flows';
import { answerInput } from '../support/page';
import { storeSignInsIn } from '../support/registries';
import { problemIn, runTask, taskNamed, WorkspaceFiles } from '../support/tasks';
import type { Script, SeenRequest } from '../../support/scriptedServer';
import { cloudFlows } from './cloudFlows';
import type { Flow } from './flow';
import { networkFlows } from './networkFlows';
import { explain, useArtifact } from './steps';
import type { Stage } from './stage';

const { username } = testAccount;

/** Every flow that has to do with secrets. A new one is a line here. */
export const flows: readonly Flow[] = [
  { name: 'a sign-in kept in the docker config', run: (stage) => wholeWay(stage, 'dockerConfig') },
  { name: 'a sign-in kept in VS Code', run: (stage) => wholeWay(stage, 'secretStorage') },
  { name: 'a sign-in kept by a helper', run: withHelper },
  { name: 'a wrong password', run: wrongPassword },
  { name: 'a sign-in that has to be renewed during a push', run: signInAgain },
  { name: 'a login that is explained and copied', run: explainAndCopy },
  { name: 'a token server, with a password', run: (stage) => withTokens(stage, {}) },
  {
    name: 'a token server, with an identity token',
    run: (stage) => withTokens(stage, { identityToken: stage.canary.word('identity') }),
  },
  { name: 'a token server that repeats a password', run: (stage) => echoingTokenServer(stage, username) },
  { name: 'a token server that repeats an identity token', run: (stage) => echoingTokenServer(stage, '') },
  { name: 'a registry that repeats in its error list', run: (stage) => echoingRegistry(stage, inErrorList) },
  {
    name: 'a registry that repeats in a text',
    run: (stage) => echoingRegistry(stage, (said) => ({ status: 501, body: said })),
  },
  {
    name: 'a registry that repeats in a warning',
    run: (stage) =>
      echoingRegistry(stage, (said) => ({
        headers: { Warning: `299 - "${said.replace(/["\\]/g, '\\$&')}"` },
      })),
  },
  {
    name: 'a registry that repeats in its challenge',
    run: (stage) =>
      echoingRegistry(stage, (said) => ({
        status: 401,
        headers: { 'WWW-Authenticate': `Basic realm="x", error="${said.replace(/["\\]/g, '')}"` },
      })),
  },
  {
    name: 'a registry that answers what is not JSON',
    run: (stage) => echoingRegistry(stage, (said) => ({ body: said })),
  },
  {
    name: 'a redirect to a store that repeats its signed URL',
    run: (stage) => signedRedirect(stage, { isDown: false }),
  },
  { name: 'a redirect to a store that is down', run: (stage) => signedRedirect(stage, { isDown: true }) },
  { name: 'a docker config that is broken', run: brokenDockerConfig },
  ...cloudFlows,
  ...networkFlows,
];

async function wholeWay(stage: Stage, store: 'dockerConfig' | 'secretStorage'): Promise<void> {
  const password = stage.canary.secret(store);
  const { host } = await stage.registry({ auth: 'htpasswd' }, password);
  await storeSignInsIn(store);
  stage.lookAtMessages('sign-in', await signInByCommand(host, username, password));
  await useArtifact(stage, host);
  stage.lookAtMessages('sign-out', await signOutByCommand(host));
}

async function withHelper(stage: Stage): Promise<void> {
  await stage.helper();
  await wholeWay(stage, 'dockerConfig');
  const calls = await readFile(stage.helperCalls, 'utf8');
  for (const action of ['store', 'get', 'erase'])
    assert.match(calls, new RegExp(`^argument ${action}$`, 'm'));
  assert.match(calls, /^HOME=/m);
}

async function signInAgain(stage: Stage): Promise<void> {
  const registry = await stage.registry({ auth: 'htpasswd' });
  const { host } = registry;
  const [before, after] = [stage.canary.secret('before'), stage.canary.secret('after')];
  await registry.setPassword(before);
  await storeSignInsIn('secretStorage');
  await signInByCommand(host, username, before);
  await registry.setPassword(after);
  const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
  const shown = await answering({ error: 'Sign in again' }, async () => {
    const done = vscode.commands.executeCommand(commandIds.push, file, [file]);
    await answerInput('where to', `${host}/canary/renewed:v1`);
    await answerInput('artifact type', 'application/vnd.example.test.v1');
    await answerInput('(1/2)', username);
    await answerInput('(2/2)', after);
    await done;
  });
  assert.match(shown.errors.join(), /asks to sign in: Pushing/);
  assert.match(shown.information.join(), /Pushed/);
  stage.lookAtMessages('push', shown);
  await signOutByCommand(host);
}

async function explainAndCopy(stage: Stage): Promise<void> {
  const password = stage.canary.secret('copied');
  const { host } = await stage.registry({ auth: 'htpasswd' }, password);
  await stage.dockerConfig('{}');
  await storeSignInsIn('secretStorage');
  await signInByCommand(host, username, password);
  await explain(stage, host, username);
  for (const command of [commandIds.copyLoginToDockerConfig, commandIds.copyLoginToVsCode]) {
    const shown = await answering({}, async () => vscode.commands.executeCommand(command, row(host)));
    assert.match(shown.information.join(), /^Copied the login/);
    stage.lookAtMessages(command, shown);
  }
  await signOutByCommand(host);
}

async function wrongPassword(stage: Stage): Promise<void> {
  const { host } = await stage.registry({ auth: 'htpasswd' }, stage.canary.secret('right'));
  await storeSignInsIn('dockerConfig');
  const { errors, ...shown } = await signInByCommand(host, username, stage.canary.secret('wrong'));
  assert.match(errors.join(), /refused the credentials/);
  stage.lookAtMessages('sign-in', { errors, ...shown });
  await stage.lookAtRow('a refusal', host);
}

async function withTokens(stage: Stage, options: TokenIssuerOptions): Promise<void> {
  const password = stage.canary.secret('password');
  const issuer = await startTokenIssuer({ ...options, password, tokenId: stage.canary.word('token') });
  stage.cleanup(() => issuer.stop());
  const { host } = await stage.registry({ auth: issuer });
  await storeSignInsIn('secretStorage');
  const { identityToken } = options;
  const shown = await signInByCommand(host, identityToken ? '' : username, identityToken ?? password);
  assert.match(shown.information.join(), /^Signed in/);
  stage.lookAtMessages('sign-in', shown);
  await useArtifact(stage, host);
  await signOutByCommand(host);
}

/** All that a request says of who sends it, as it is and decoded. */
function said({ headers: { authorization = '' }, line, body }: SeenRequest): string {
  const decoded = Buffer.from(authorization.replace(/^\w+ /, ''), 'base64').toString();
  return [
    authorization,
    decoded,
    line,
    body.toString(),
    new URLSearchParams(body.toString()).get('refresh_token'),
  ].join(' ');
}

function inErrorList(text: string) {
  return { status: 403, body: JSON.stringify({ errors: [{ code: 'DENIED', message: text, detail: text }] }) };
}

async function echoingTokenServer(stage: Stage, name: string): Promise<void> {
  const issuer = await stage.server(
    (request) => ({ status: 400, body: `{"error":${JSON.stringify(said(request))}}` }),
    { listed: false },
  );
  const challenge = { 'WWW-Authenticate': `Bearer realm="http://${issuer}/token",service="s"` };
  const host = await stage.server(() => ({ status: 401, headers: challenge }));
  await refusedSignIn(stage, host, name);
}

async function echoingRegistry(
  stage: Stage,
  answer: (said: string) => Exclude<ReturnType<Exclude<Script, readonly unknown[]>>, undefined>,
): Promise<void> {
  const host = await stage.server((request) =>
    request.headers.authorization === undefined
      ? { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="x"' } }
      : answer(said(request)),
  );
  await refusedSignIn(stage, host, username);
}

/** Signs in, and uses it in the sidebar and in a pull: by a docker config, since a failing sign-in is not kept. */
async function refusedSignIn(stage: Stage, host: string, name: string): Promise<void> {
  const secret = stage.canary.secret('repeated');
  await storeSignInsIn('secretStorage');
  stage.lookAtMessages('sign-in', await signInByCommand(host, name, secret));
  await stage.lookAround('sign-in');
  const entry = name
    ? { auth: Buffer.from(`${name}:${secret}`).toString('base64') }
    : { identitytoken: secret };
  await stage.dockerConfig(JSON.stringify({ auths: { [host]: entry } }));
  await vscode.commands.executeCommand(commandIds.refresh);
  await stage.lookAtRow('a failure', host);
  const pulled = await pullByCommand([host, 'canary/none', 'v1'], await newFolder());
  assert.notDeepEqual(pulled.errors, []);
  stage.lookAtMessages('pull', pulled);
  stage.look('problem of a task', await problemOfTask(host));
  await stage.lookAround('a task');
  await signOutByCommand(host);
}

/** The problem that the failure of a task becomes. */
async function problemOfTask(host: string): Promise<string> {
  const files = new WorkspaceFiles();
  const file = '.oci/artifacts.json';
  await files.write({ [file]: { pulls: { [host]: { from: `${host}/canary/none:v1`, into: 'canary' } } } });
  try {
    assert.equal(await runTask(await taskNamed(`pull ${host}`)), 1);
    return (await problemIn(file, new RegExp(`"${host}" failed`))).message;
  } finally {
    await files.remove();
  }
}

async function signedRedirect(stage: Stage, { isDown }: { readonly isDown: boolean }): Promise<void> {
  const store = await stage.server(
    ({ line }) => ({ status: 403, body: JSON.stringify({ message: `no such signature: ${line}` }) }),
    { listed: false },
  );
  const place = isDown ? '127.0.0.1:1' : store;
  const location = `http://${place}/blob?X-Amz-Signature=${encodeURIComponent(stage.canary.secret('signature'))}&digest=x`;
  const host = await stage.server(({ line }) =>
    line.endsWith('/v2/') ? {} : { status: 307, headers: { Location: location } },
  );
  await stage.lookAtRow('a redirect', host);
  const pulled = await pullByCommand([host, 'canary/none', 'v1'], await newFolder());
  assert.match(pulled.errors.join(), isDown ? /Cannot reach 127\.0\.0\.1:1/ : /no such signature/);
  stage.lookAtMessages('pull', pulled);
}

async function brokenDockerConfig(stage: Stage): Promise<void> {
  const password = stage.canary.secret('password');
  const { host } = await stage.registry({ auth: 'htpasswd' }, password);
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  await stage.dockerConfig(`{"auths":{"${host}":{"auth":"${auth}"}},"other": ${password} }`);
  await storeSignInsIn('dockerConfig');
  const { errors, ...shown } = await signInByCommand(host, username, password);
  assert.match(errors.join(), /config\.json.*not JSON/);
  stage.lookAtMessages('sign-in', { errors, ...shown });
  await stage.lookAtRow('a broken config', host);
}
