import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/host/commandIds';
import type { Answers } from '../support/dialogs';
import { newFolder, pullByCommand, pushByCommand, row, workspaceFolder } from '../support/flows';
import { page } from '../support/page';
import type { Stage } from './stage';

/** Pushes, looks at it in every way there is, and pulls. */
export async function useArtifact(stage: Stage, host: string, answers: Answers = {}): Promise<void> {
  const repository = `canary/${stage.control.word('repository')}`;
  const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
  const type = 'application/vnd.example.test.v1';
  const pushed = await pushByCommand([file], `${host}/${repository}:v1`, type, answers);
  assert.deepEqual(pushed.errors, []);
  stage.lookAtMessages('push', pushed);
  const tag = row(host, repository, 'v1');
  await vscode.commands.executeCommand(commandIds.openDetails, tag);
  stage.look('details page', await page<string>(['webview', 'main#root h1'], ['content']));
  await vscode.commands.executeCommand(commandIds.openManifest, tag);
  await vscode.commands.executeCommand(commandIds.copyDigestReference, tag);
  await stage.lookAtRow('the artifact', host);
  const pulled = await pullByCommand([host, repository, 'v1'], await newFolder());
  assert.deepEqual(pulled.errors, []);
  stage.lookAtMessages('pull', pulled);
}

/** Looks at "Why this credential?", where an account is used, and copies that. */
export async function explain(stage: Stage, host: string, account: string): Promise<void> {
  const explained = vscode.commands.executeCommand(commandIds.explainCredential, row(host));
  await page(['locator', '.quick-input-widget:visible', { hasText: `used: ${account}` }], ['waitFor']);
  await stage.lookAround('Why this credential?');
  // Copies the text of the row.
  await page(['locator', '.quick-input-widget input:visible'], ['first'], ['press', 'Enter']);
  await explained;
  await stage.lookAround('the explanation that was copied');
}

/** A pull that must fail as `reason` says, and the row of the registry, which says so too. */
export async function failToPull(stage: Stage, host: string, reason: RegExp): Promise<void> {
  const pulled = await pullByCommand([host, 'canary/none', 'v1'], await newFolder());
  assert.match(pulled.errors.join(), reason);
  stage.lookAtMessages('pull', pulled);
  await vscode.commands.executeCommand(commandIds.refresh);
  await stage.lookAtRow('a failure', host);
}
