import * as vscode from 'vscode';
import {
  ARTIFACTS_FILE,
  parseArtifactsFile,
  type DefinitionEntry,
} from '../../host/artifactsFile/artifactsFile';
import { commandIds } from '../../host/commandIds';
import { artifactsFileOf } from './findDefinitions';

/** Puts "Push" and "Pull" above the definitions of a file that counts. */
export function registerDefinitionLenses(): vscode.Disposable {
  return vscode.languages.registerCodeLensProvider(
    { scheme: 'file', pattern: `**/${ARTIFACTS_FILE}` },
    { provideCodeLenses: (document) => (isObeyed(document.uri) ? lensesOf(document) : []) },
  );
}

function isObeyed(uri: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  return vscode.workspace.isTrusted && !!folder && artifactsFileOf(folder.uri).fsPath === uri.fsPath;
}

/** A file that is not right has none: the JSON language says what is wrong with it. */
function lensesOf(document: vscode.TextDocument): vscode.CodeLens[] {
  try {
    return parseArtifactsFile(document.getText(), document.uri.fsPath).map((entry) =>
      lensOf(document, entry),
    );
  } catch {
    return [];
  }
}

function lensOf({ uri }: vscode.TextDocument, { action, name, placeOf }: DefinitionEntry): vscode.CodeLens {
  const { line, column } = placeOf([]);
  const at = new vscode.Position(line - 1, column - 1);
  const command = action === 'push' ? commandIds.pushDefined : commandIds.pullDefined;
  const title = action === 'push' ? '$(cloud-upload) Push' : '$(cloud-download) Pull';
  return new vscode.CodeLens(new vscode.Range(at, at), { title, command, arguments: [uri, name] });
}
