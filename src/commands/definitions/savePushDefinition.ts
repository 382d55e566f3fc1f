import * as vscode from 'vscode';
import { putDefinition } from '../../host/artifactsFile/putDefinition';
import type { PushDefinition } from '../../oci/pushDefinition';
import type { Services } from '../services';
import { artifactsFileOf, textOf } from './findDefinitions';

/**
 * Keeps a definition in the file of a workspace folder, in place of one with the same name; comments, format and what
 * is unsaved in the editor stay. Relative paths of the definition start from the folder; absolute ones that lead into
 * it become relative. Resolves with the file. Errors: DefinitionError for a file that is not right; FileError.
 */
export async function savePushDefinition(
  services: Services,
  folder: vscode.Uri,
  { name, definition }: { readonly name: string; readonly definition: PushDefinition },
): Promise<vscode.Uri> {
  const uri = artifactsFileOf(folder);
  const before = (await textOf(services, uri)) ?? '';
  const named = { name, definition, folder: folder.fsPath };
  await write(services, uri, { before, after: putDefinition(before, uri.fsPath, named) });
  return uri;
}

interface Change {
  readonly before: string;
  readonly after: string;
}

/** Through the editor where it has unsaved changes: they would be lost otherwise. */
async function write(services: Services, uri: vscode.Uri, { before, after }: Change): Promise<void> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.fsPath === uri.fsPath);
  if (!open?.isDirty) return services.writeWholeFile(uri.fsPath, Buffer.from(after));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(open.uri, new vscode.Range(open.positionAt(0), open.positionAt(before.length)), after);
  await vscode.workspace.applyEdit(edit);
  await open.save();
}
