import * as vscode from 'vscode';
import { commandIds } from './host/commandIds';
import { showFailure } from './host/messages';
import { TASK_TYPE } from './host/taskType';
import { messageOf } from './oci/errors';
import type { Started } from './wiring/main';

/** Loads the rest of the extension and wires it, once. */
type Start = () => Promise<Started>;

/**
 * Registers what VS Code looks for as soon as this has returned. The rest is in a file of its own, so that no start waits
 * for it: it is loaded right behind, or by what is asked for first.
 */
export function activate(context: vscode.ExtensionContext): void {
  let started: Promise<Started> | undefined;
  const start: Start = () => (started ??= import('./wiring/main').then((main) => main.start(context)));
  context.subscriptions.push(...registerCommands(start), registerTasks(start));
  setImmediate(() => {
    start().catch((error: unknown) => showFailure(`OCI Artifacts did not start: ${messageOf(error)}`));
  });
}

function registerCommands(start: Start): vscode.Disposable[] {
  return Object.values(commandIds).map((id) =>
    vscode.commands.registerCommand(id, async (...args: unknown[]) => (await start()).runCommand(id, args)),
  );
}

function registerTasks(start: Start): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: async (token) => (await start()).tasks.provideTasks(token),
    resolveTask: async (task, token) => (await start()).tasks.resolveTask(task, token),
  });
}
