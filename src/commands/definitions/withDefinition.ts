import * as vscode from 'vscode';
import { showError } from '../../host/showError';
import { DefinitionError, type TextPlace } from '../../oci/errors';
import type { Services } from '../services';

/** Takes a step with a definition; a failure is shown once, with a way to where the file is wrong. */
export async function withDefinition(
  services: Services,
  what: string,
  act: () => Promise<unknown>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    const instead =
      error instanceof DefinitionError
        ? { label: 'Show in file', run: () => openPlace(error.place) }
        : undefined;
    await showError(services.log, error, { what, instead, retry: () => withDefinition(services, what, act) });
  }
}

/** Opens a file with the cursor at a place. */
export async function openPlace({ file, line, column }: TextPlace): Promise<void> {
  const at = new vscode.Position(line - 1, column - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
}
