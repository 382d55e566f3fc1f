import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds, type CommandId } from '../../../src/host/commandIds';
import { answering, type Answers, type Shown } from './dialogs';
import { answerInput } from './page';

const run = (command: CommandId, ...args: unknown[]) => vscode.commands.executeCommand(command, ...args);

/** The sample workspace's folder. */
export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('The suite needs a workspace folder');
  return folder.uri;
}

/** A fresh folder outside of the workspace. */
export async function newFolder(): Promise<vscode.Uri> {
  return vscode.Uri.file(await mkdtemp(path.join(tmpdir(), 'oci-host-test-')));
}

/** What a row of the tree hands to a command. */
export function row(host: string, repository?: string, tag?: string) {
  return { target: { host, ...(repository && { repository }), ...(tag && { tag }) } };
}

/** Pushes by the command, with the boxes typed into as a person does; resolves when the push is through. */
export async function pushByCommand(
  files: readonly vscode.Uri[],
  reference: string,
  artifactType = 'application/vnd.example.test.v1',
  answers: Answers = {},
): Promise<Shown> {
  return answering(answers, async () => {
    const done = run(commandIds.push, files[0], files);
    await answerInput('where to', reference);
    await answerInput('artifact type', artifactType);
    await done;
  });
}

/** Pulls a tag by its row's command into a folder. */
export async function pullByCommand(
  [host, repository, tag]: readonly [string, string, string],
  folder: vscode.Uri,
  answers: Answers = {},
): Promise<Shown> {
  return answering({ ...answers, open: [folder] }, async () =>
    run(commandIds.pull, row(host, repository, tag)),
  );
}

/** Signs in by the command, with user name and password typed. */
export async function signInByCommand(
  host: string,
  username: string,
  password: string,
  answers: Answers = {},
): Promise<Shown> {
  return answering(answers, async () => {
    const done = run(commandIds.signIn, row(host));
    await answerInput('(1/2)', username);
    await answerInput('(2/2)', password);
    await done;
  });
}

/** Signs out by the command. */
export async function signOutByCommand(host: string): Promise<Shown> {
  return answering({}, async () => run(commandIds.signOut, row(host)));
}
