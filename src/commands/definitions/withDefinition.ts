import * as vscode from 'vscode';
import { DefinitionError, type TextPlace } from '../../oci/errors';
import { attempt } from '../attempt';
import type { Services } from '../services';

/** Takes a step with a definition; a failure is shown once, with a way to where the file is wrong. */
export function withDefinition(services: Services, what: string, act: () => Promise<unknown>): Promise<void> {
  const insteadOf = (error: unknown) =>
    error instanceof DefinitionError
      ? { label: 'Show in file', run: () => openPlace(error.place) }
      : undefined;
  return attempt(services, { what, insteadOf }, act);
}

/** Opens a file with the cursor at a place. */
export async function openPlace({ file, line, column }: TextPlace): Promise<void> {
  const at = new vscode.Position(line - 1, column - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
}
