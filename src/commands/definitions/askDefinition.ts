import * as vscode from 'vscode';
import { ARTIFACTS_FILE, type DefinitionAction } from '../../host/artifactsFile/artifactsFile';
import { commandIds } from '../../host/commandIds';
import { showInformation } from '../../host/messages';
import { pick } from '../../host/pick';
import { InvalidContentError } from '../../oci/errors';
import { isObject } from '../../oci/memberChecks';
import type { Services } from '../services';
import { artifactsFileOf, findDefinitions, localFolders, type FoundDefinition } from './findDefinitions';

/**
 * The definition that a command is to run: named by a lens in the file, chosen among those of the file that the Explorer
 * hands over, or among all. Undefined when it is dismissed. Errors: DefinitionError, FileError, InvalidContentError.
 */
export async function askDefinition(
  services: Services,
  action: DefinitionAction,
  [file, name]: readonly unknown[],
): Promise<FoundDefinition | undefined> {
  const folders = file instanceof vscode.Uri ? [folderOf(file)] : localFolders();
  const found = await findDefinitions(services, action, folders);
  if (typeof name === 'string') return found.find(({ entry }) => entry.name === name);
  if (found.length > 0) return choose(action, found);
  await explainNone(action);
  return undefined;
}

function folderOf(file: vscode.Uri): vscode.WorkspaceFolder {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  if (folder && artifactsFileOf(folder.uri).fsPath === file.fsPath) return folder;
  throw new InvalidContentError(
    file.fsPath,
    `only ${ARTIFACTS_FILE} at the top of a workspace folder counts`,
  );
}

async function choose(
  action: DefinitionAction,
  found: readonly FoundDefinition[],
): Promise<FoundDefinition | undefined> {
  const several = localFolders().length > 1;
  const items = found.map((definition) => ({
    label: definition.entry.name,
    description: placeText(definition),
    ...(several && { detail: definition.folder.name }),
    definition,
  }));
  const options = { title: `Definition to ${action}`, matchOnDescription: true, ignoreFocusOut: true };
  return (await pick(items, options))?.definition;
}

function placeText({ entry: { value } }: FoundDefinition): string {
  const place = isObject(value) ? (value['to'] ?? value['from']) : undefined;
  return typeof place === 'string' ? place : '';
}

async function explainNone(action: DefinitionAction): Promise<void> {
  const message = `There is no ${action} definition in ${ARTIFACTS_FILE} of this workspace.`;
  const create = 'Create push definition…';
  const chosen = await showInformation(message, ...(action === 'push' ? [create] : []));
  if (chosen === create) await vscode.commands.executeCommand(commandIds.createDefinition);
}
