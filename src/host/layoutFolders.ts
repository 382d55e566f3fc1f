import path from 'node:path';
import * as vscode from 'vscode';

const MARKERS = '**/oci-layout';
const CONTEXT_KEY = 'ociArtifacts.layoutFolders';
const MAX_FOLDERS = 1_000;

/** Tells VS Code which folders of the workspace are OCI layouts, so that their menus in the Explorer can say so. */
export function watchLayoutFolders(): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(MARKERS, false, true, false);
  const subscriptions = [
    watcher.onDidCreate(tellFolders),
    watcher.onDidDelete(tellFolders),
    vscode.workspace.onDidChangeWorkspaceFolders(tellFolders),
  ];
  void tellFolders();
  return vscode.Disposable.from(watcher, ...subscriptions);
}

async function tellFolders(): Promise<void> {
  const markers = await vscode.workspace.findFiles(MARKERS, undefined, MAX_FOLDERS);
  const folders = markers.map(({ fsPath }) => path.dirname(fsPath));
  await vscode.commands.executeCommand('setContext', CONTEXT_KEY, folders);
}
