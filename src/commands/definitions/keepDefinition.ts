import path from 'node:path';
import * as vscode from 'vscode';
import { askText } from '../../host/askText';
import { showInformation } from '../../host/messages';
import type { PushDefinition } from '../../oci/pushDefinition';
import type { Services } from '../services';
import { artifactsFileOf, definitionsIn, localFolders, requireTrust } from './findDefinitions';
import { savePushDefinition } from './savePushDefinition';
import { openPlace } from './withDefinition';

/** What to keep. `place` is a file or folder of the workspace folder that keeps it; asked for when there is none. */
export interface KeptDefinition {
  readonly place: vscode.Uri | undefined;
  /** A name to start from. */
  readonly suggestedName?: string;
  readonly definitionFor: (name: string, folder: vscode.WorkspaceFolder) => PushDefinition;
}

/**
 * Asks for a name, keeps a definition under it in the file of a workspace folder, and opens the file where it is.
 * Errors: InvalidContentError where the workspace is not trusted; those of `savePushDefinition`.
 */
export async function keepDefinition(services: Services, kept: KeptDefinition): Promise<void> {
  requireTrust();
  const { place, suggestedName, definitionFor } = kept;
  const folder = (place && vscode.workspace.getWorkspaceFolder(place)) ?? (await askFolder());
  if (!folder) return;
  const name = await askName(services, folder, suggestedName ?? folder.name);
  if (name === undefined) return;
  await savePushDefinition(services, folder.uri, { name, definition: definitionFor(name, folder) });
  const entries = await definitionsIn(services, folder.uri);
  const entry = entries.find((each) => each.action === 'push' && each.name === name);
  const file = artifactsFileOf(folder.uri).fsPath;
  await openPlace(entry?.placeOf(['to']) ?? { file, line: 1, column: 1 });
}

async function askFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = localFolders();
  if (folders.length > 1)
    return vscode.window.showWorkspaceFolderPick({ placeHolder: 'Folder to keep the push definition in' });
  if (!folders[0]) await showInformation('Open a folder to keep a push definition in.');
  return folders[0];
}

async function askName(
  services: Services,
  folder: vscode.WorkspaceFolder,
  value: string,
): Promise<string | undefined> {
  const taken = (await definitionsIn(services, folder.uri)).filter(({ action }) => action === 'push');
  const name = await askText({
    title: 'Name of the push definition',
    value,
    prompt: 'By this name you choose it, and tasks run it',
    ignoreFocusOut: true,
    validateInput: (text) => {
      if (text.trim() === '') return 'A definition has a name.';
      return taken.some((each) => each.name === text.trim()) ? `"${text.trim()}" exists already.` : undefined;
    },
  });
  return name?.trim();
}

/** A path as the file of a folder has it: from the folder where it lies in it. */
export function pathWithin(folder: vscode.WorkspaceFolder, file: string): string {
  return path.relative(folder.uri.fsPath, file).split(path.sep).join('/');
}
