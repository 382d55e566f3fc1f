import path from 'node:path';
import * as vscode from 'vscode';
import { formatReference } from '../oci/reference';
import { titleOf, type DefinedFile, type DefinedPush, type PushDefinition } from '../oci/pushDefinition';
import { askRepository } from './askRepository';
import { definedFile } from './definedPush';
import { keepDefinition } from './definitions/keepDefinition';
import { withDefinition } from './definitions/withDefinition';
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
    save: (defined: DefinedPush) => save(services, defined),
  };
}

function save(services: Services, { definition, folder }: DefinedPush): Promise<unknown> {
  return withDefinition(services, 'The push definition was not saved', () =>
    keepDefinition(services, {
      place: vscode.Uri.file(folder),
      definitionFor: () => absolute(definition, folder),
    }),
  );
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

/** The definition with paths that start from nowhere, for a file that belongs to another folder. */
function absolute(
  { files, config, annotationFile, exportManifest, ...rest }: PushDefinition,
  folder: string,
) {
  const from = (given: string) => path.resolve(folder, given);
  return {
    ...rest,
    files: files.map((file) => ({ ...file, path: from(file.path), title: titleOf(file) })),
    ...(config && { config: { ...config, path: from(config.path) } }),
    ...(annotationFile && { annotationFile: from(annotationFile) }),
    ...(exportManifest && { exportManifest: from(exportManifest) }),
  };
}
