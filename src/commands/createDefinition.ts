import path from 'node:path';
import * as vscode from 'vscode';
import { mediaTypes } from '../oci/mediaTypes';
import { repositoryProblem } from '../oci/reference';
import { keepDefinition, pathWithin } from './definitions/keepDefinition';
import { withDefinition } from './definitions/withDefinition';
import type { Command, Services } from './services';

/** Writes a push definition of the Explorer's selection to go on from, and opens the file where it is. */
export const createDefinition: Command = (services, ...args) =>
  withDefinition(services, 'The push definition was not created', () => {
    const files = selected(args);
    const [first] = files;
    return keepDefinition(services, {
      place: first,
      ...(first && { suggestedName: path.parse(first.fsPath).name }),
      definitionFor: (name, folder) => ({
        to: `${hostOf(services)}/${repositoryOf(name)}:latest`,
        artifactType: mediaTypes.unknownArtifact,
        files: files.map(({ fsPath }) => ({ path: fsPath, title: pathWithin(folder, fsPath) })),
      }),
    });
  });

function selected([first, selection]: readonly unknown[]): vscode.Uri[] {
  const uris = (Array.isArray(selection) ? selection : [first]) as readonly unknown[];
  return uris.filter((item): item is vscode.Uri => item instanceof vscode.Uri && item.scheme === 'file');
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
