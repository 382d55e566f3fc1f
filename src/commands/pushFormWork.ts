import * as vscode from 'vscode';
import { formatReference } from '../oci/reference';
import type { DefinedFile } from '../oci/pushDefinition';
import { askRepository } from './askRepository';
import { definedFile } from './definedPush';
import { askArtifactType, localFile } from './push';
import { PushSession } from './pushSession';
import type { Services } from './services';

/** What the push form asks for: dialogs whose answers are paths as seen from `folder`, and the work itself. */
export function pushFormWork(services: Services) {
  return {
    newSession: () => new PushSession(services),
    chooseFiles,
    chooseFile,
    chooseFileToWrite,
    chooseRepository: async () => {
      const chosen = await askRepository(services, undefined, 'Push: registry/repository');
      return chosen && formatReference(chosen);
    },
    chooseArtifactType: () => askArtifactType(services, 'Push: artifact type'),
  };
}

async function chooseFiles(folder: string, folders: boolean): Promise<readonly DefinedFile[]> {
  const chosen = await vscode.window.showOpenDialog({
    title: folders ? 'Add folders to push' : 'Add files to push',
    openLabel: 'Add',
    defaultUri: vscode.Uri.file(folder),
    canSelectFiles: !folders,
    canSelectFolders: folders,
    canSelectMany: true,
  });
  return (chosen ?? []).map((uri) => definedFile(folder, localFile(uri)));
}

async function chooseFile(folder: string, title: string): Promise<string | undefined> {
  const options = { title, openLabel: 'Choose', defaultUri: vscode.Uri.file(folder) };
  const [chosen] = (await vscode.window.showOpenDialog(options)) ?? [];
  return chosen && pathFrom(folder, chosen);
}

async function chooseFileToWrite(folder: string, title: string): Promise<string | undefined> {
  const defaultUri = vscode.Uri.joinPath(vscode.Uri.file(folder), 'manifest.json');
  const chosen = await vscode.window.showSaveDialog({ title, saveLabel: 'Choose', defaultUri });
  return chosen && pathFrom(folder, chosen);
}

function pathFrom(folder: string, uri: vscode.Uri): string {
  return definedFile(folder, localFile(uri)).path;
}
