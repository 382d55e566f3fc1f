import * as vscode from 'vscode';
import type { DefinitionAction, DefinitionEntry } from '../../host/artifactsFile/artifactsFile';
import { JobTerminal } from '../../host/jobTerminal';
import { logError } from '../../host/log';
import { showInformation } from '../../host/messages';
import { TASK_TYPE } from '../../host/taskType';
import type { Services } from '../services';
import { definitionsIn, localFolders } from './findDefinitions';
import { runDefinition, type DefinitionRequest } from './runDefinition';

const PROBLEM_MATCHER = '$oci';

/** A task of the type `oci`, as tasks.json has it: a definition by its name, members of one, or both. */
interface OciTask extends vscode.TaskDefinition {
  readonly action: DefinitionAction;
  readonly artifact?: string;
}

/** Offers a task for each definition of the workspace, and runs those that tasks.json has. */
export function definitionTasks(services: Services): vscode.TaskProvider {
  return {
    provideTasks: async () =>
      (await Promise.all(localFolders().map((folder) => tasksOf(services, folder)))).flat(),
    resolveTask: (task) => resolved(services, task),
  };
}

/** A file that cannot be read hides its own definitions only; who runs one is told why. */
async function tasksOf(services: Services, folder: vscode.WorkspaceFolder): Promise<vscode.Task[]> {
  try {
    const entries = await definitionsIn(services, folder.uri);
    return entries.map((entry) => taskOf(services, folder, entry));
  } catch (error) {
    logError(services.log, `No tasks of ${folder.name}`, error);
    return [];
  }
}

function taskOf(
  services: Services,
  folder: vscode.WorkspaceFolder,
  { action, name }: DefinitionEntry,
): vscode.Task {
  const definition: OciTask = { type: TASK_TYPE, action, artifact: name };
  const execution = executionOf(services, folder);
  return new vscode.Task(definition, folder, `${action} ${name}`, TASK_TYPE, execution, PROBLEM_MATCHER);
}

function resolved(services: Services, { definition, scope, name }: vscode.Task): vscode.Task | undefined {
  const folder = isFolder(scope) ? scope : localFolders()[0];
  if (!folder) return undefined;
  const execution = executionOf(services, folder);
  return new vscode.Task(definition, scope ?? folder, name, TASK_TYPE, execution, PROBLEM_MATCHER);
}

/** Runs the task of a transfer again, in a terminal as before. Its folder has to be open: it is the workspace that is trusted. */
export async function continueTask(services: Services, request: DefinitionRequest): Promise<void> {
  const { folder, action, artifact } = request;
  const open = localFolders().find(({ uri }) => uri.fsPath === folder);
  if (!open) return void showInformation(`Open ${folder} to run its task again.`);
  const definition = { ...request.members, type: TASK_TYPE, action, ...(artifact && { artifact }) };
  const name = [action, artifact].filter(Boolean).join(' ');
  const execution = new vscode.CustomExecution(async () => terminalOf(services, request));
  const task = new vscode.Task(definition, open, name, TASK_TYPE, execution, PROBLEM_MATCHER);
  await vscode.tasks.executeTask(task);
}

function isFolder(
  scope: vscode.WorkspaceFolder | vscode.TaskScope | undefined,
): scope is vscode.WorkspaceFolder {
  return typeof scope === 'object';
}

/** VS Code hands the definition over once more, with its variables filled in. */
function executionOf(services: Services, folder: vscode.WorkspaceFolder): vscode.CustomExecution {
  return new vscode.CustomExecution(async (definition) => {
    const request = requestOf(definition as OciTask, folder.uri.fsPath);
    return terminalOf(services, request);
  });
}

function terminalOf(services: Services, request: DefinitionRequest): JobTerminal {
  return new JobTerminal((job) => runDefinition(services, request, job));
}

function requestOf(task: OciTask, folder: string): DefinitionRequest {
  const { action, artifact } = task;
  const own = Object.entries(task).filter(([name]) => !['type', 'action', 'artifact'].includes(name));
  return { action, folder, members: Object.fromEntries(own), ...(artifact && { artifact }) };
}
