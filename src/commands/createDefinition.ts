import path from 'node:path';
import * as vscode from 'vscode';
import { mediaTypes } from '../oci/mediaTypes';
import { repositoryProblem } from '../oci/reference';
import { artifactsFileOf, definitionsIn, localFolders, requireTrust } from './definitions/findDefinitions';
import { savePushDefinition } from './definitions/savePushDefinition';
import { openPlace, withDefinition } from './definitions/withDefinition';
import type { Command, Services } from './services';

/** Writes a push definition of the Explorer's selection to go on from, and opens the file where it is. */
export const createDefinition: Command = (services, ...args) =>
  withDefinition(services, 'The push definition was not created', async () => {
    requireTrust();
    const files = selected(args);
    const folder = files[0] ? vscode.workspace.getWorkspaceFolder(files[0]) : await askFolder();
    if (!folder) return;
    const name = await askName(services, folder, files[0]);
    if (name === undefined) return;
    const definition = {
      to: `${hostOf(services)}/${repositoryOf(name)}:latest`,
      artifactType: mediaTypes.unknownArtifact,
      files: files.map(({ fsPath }) => ({ path: fsPath, title: titleOf(folder, fsPath) })),
    };
    await savePushDefinition(services, folder.uri, { name, definition });
    const entries = await definitionsIn(services, folder.uri);
    const entry = entries.find((each) => each.action === 'push' && each.name === name);
    const file = artifactsFileOf(folder.uri).fsPath;
    await openPlace(entry?.placeOf(['to']) ?? { file, line: 1, column: 1 });
  });

function selected([first, selection]: readonly unknown[]): vscode.Uri[] {
  const uris = (Array.isArray(selection) ? selection : [first]) as readonly unknown[];
  return uris.filter((item): item is vscode.Uri => item instanceof vscode.Uri && item.scheme === 'file');
}

async function askFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = localFolders();
  if (folders.length > 1)
    return vscode.window.showWorkspaceFolderPick({ placeHolder: 'Folder to keep the push definition in' });
  if (!folders[0]) await vscode.window.showInformationMessage('Open a folder to keep a push definition in.');
  return folders[0];
}

async function askName(
  services: Services,
  folder: vscode.WorkspaceFolder,
  first: vscode.Uri | undefined,
): Promise<string | undefined> {
  const taken = (await definitionsIn(services, folder.uri)).filter(({ action }) => action === 'push');
  return vscode.window
    .showInputBox({
      title: 'Name of the push definition',
      value: first ? path.parse(first.fsPath).name : folder.name,
      prompt: 'By this name you choose it, and tasks run it',
      ignoreFocusOut: true,
      validateInput: (text) => {
        if (text.trim() === '') return 'A definition has a name.';
        return taken.some(({ name }) => name === text.trim())
          ? `"${text.trim()}" exists already.`
          : undefined;
      },
    })
    .then((name) => name?.trim());
}

function titleOf(folder: vscode.WorkspaceFolder, file: string): string {
  return path.relative(folder.uri.fsPath, file).split(path.sep).join('/');
}

function hostOf({ settings, localRegistry }: Services): string {
  return settings.registries[0]?.host ?? localRegistry.host ?? 'registry.example.com';
}

/** A name as a repository can have it. */
function repositoryOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return repositoryProblem(plain) ? 'artifact' : plain;
}
