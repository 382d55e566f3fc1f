import * as vscode from 'vscode';
import {
  ARTIFACTS_FILE,
  MAX_ARTIFACTS_FILE_BYTES,
  parseArtifactsFile,
  type DefinitionAction,
  type DefinitionEntry,
} from '../../host/artifactsFile/artifactsFile';
import { FileError, InvalidContentError } from '../../oci/errors';
import type { Services } from '../services';

/** A definition, and the workspace folder whose file has it. */
export interface FoundDefinition {
  readonly folder: vscode.WorkspaceFolder;
  readonly entry: DefinitionEntry;
}

/** Where a workspace folder keeps its definitions. */
export function artifactsFileOf(folder: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(folder, ARTIFACTS_FILE);
}

/** The folders that can have definitions: those on disk. */
export function localFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
}

/** The definitions of one folder, none where there is no file or a blank one. Errors: DefinitionError, FileError. */
export async function definitionsIn(
  services: Services,
  folder: vscode.Uri,
): Promise<readonly DefinitionEntry[]> {
  const uri = artifactsFileOf(folder);
  const text = await textOf(services, uri);
  return text?.trim() ? parseArtifactsFile(text, uri.fsPath) : [];
}

/** The definitions for one action in some folders, in the order of the folders. Errors: as `definitionsIn`. */
export async function findDefinitions(
  services: Services,
  action: DefinitionAction,
  folders: readonly vscode.WorkspaceFolder[],
): Promise<readonly FoundDefinition[]> {
  const found = folders.map(async (folder) => {
    const entries = await definitionsIn(services, folder.uri);
    return entries.filter((entry) => entry.action === action).map((entry) => ({ folder, entry }));
  });
  return (await Promise.all(found)).flat();
}

/** The text of a file of definitions as it is seen: unsaved changes count. Undefined when there is none. */
export async function textOf(services: Services, uri: vscode.Uri): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.fsPath === uri.fsPath);
  if (open?.isDirty) return open.getText();
  try {
    return Buffer.from(await services.readWholeFile(uri.fsPath, MAX_ARTIFACTS_FILE_BYTES)).toString('utf8');
  } catch (error) {
    if (error instanceof FileError && error.systemCode === 'ENOENT') return undefined;
    throw error;
  }
}

/** A workspace says what is sent, and where: that is obeyed only where it is trusted. Errors: InvalidContentError. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  const reason = 'this workspace is not trusted; "Workspaces: Manage Workspace Trust" changes that';
  throw new InvalidContentError(ARTIFACTS_FILE, reason);
}
