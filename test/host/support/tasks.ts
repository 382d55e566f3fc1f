import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { workspaceFolder } from './flows';

/** Files that a test puts into the workspace: by path, what is in them. */
export class WorkspaceFiles {
  private readonly made = new Set<string>();

  async write(files: Readonly<Record<string, string | object>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(workspaceFolder().fsPath, name);
      this.made.add(name.split('/')[0] ?? name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    }
  }

  /** Removes what was written, with the folders at the top that it is in. */
  async remove(): Promise<void> {
    for (const name of this.made)
      await rm(path.join(workspaceFolder().fsPath, name), { recursive: true, force: true });
    this.made.clear();
  }
}

/** The task by this name, of ours or of tasks.json, once VS Code offers it. Errors: Error when it never does. */
export async function taskNamed(
  name: string,
  filter: vscode.TaskFilter | undefined = { type: 'oci' },
): Promise<vscode.Task> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const found = (await vscode.tasks.fetchTasks(filter)).find((task) => task.name === name);
    if (found) return found;
  }
  const offered = (await vscode.tasks.fetchTasks(filter)).map((task) => task.name);
  throw new Error(`No task is named ${name}: ${offered.join(', ')}`);
}

/** Starts a task; `exitCode` resolves when its process has ended. */
export async function startTask(task: vscode.Task) {
  let settle: (code: number | undefined) => void = () => undefined;
  const exitCode = new Promise<number | undefined>((resolve) => (settle = resolve));
  const ended = vscode.tasks.onDidEndTaskProcess((event) => {
    if (event.execution.task.name !== task.name) return;
    ended.dispose();
    settle(event.exitCode);
  });
  return { execution: await vscode.tasks.executeTask(task), exitCode };
}

/** Runs a task to its end; resolves with its exit code. */
export async function runTask(task: vscode.Task): Promise<number | undefined> {
  return (await startTask(task)).exitCode;
}

/** The one problem of a file, once it has that one alone. Errors: Error with those that it has in the end. */
export async function problemIn(name: string, message: string | RegExp): Promise<vscode.Diagnostic> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), name);
  const isIt = (said: string) => (typeof message === 'string' ? said === message : message.test(said));
  let messages: readonly string[] = [];
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const [problem, ...others] = vscode.languages.getDiagnostics(uri);
    if (problem && others.length === 0 && isIt(problem.message)) return problem;
    messages = [problem, ...others].map((each) => each?.message ?? 'nothing');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The problems of ${name}: ${messages.join('; ')}`);
}

/** What stands in the terminal in front, as a person copies it; a line that is wrapped is one. */
export async function terminalText(): Promise<string> {
  await vscode.commands.executeCommand('workbench.action.terminal.focus');
  await vscode.commands.executeCommand('workbench.action.terminal.selectAll');
  await vscode.commands.executeCommand('workbench.action.terminal.copySelection');
  await vscode.commands.executeCommand('workbench.action.terminal.clearSelection');
  return (await vscode.env.clipboard.readText()).replaceAll('\r', '');
}
