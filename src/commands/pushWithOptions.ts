import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { targetOf } from '../host/rowTarget';
import { definedFile } from './definedPush';
import { folderOf, selectedFiles } from './push';
import type { Command } from './services';

/** Opens the push form with the Explorer's selection, or with the place of a row. */
export const pushWithOptions: Command = (services, ...args) => {
  const files = selectedFiles(args);
  const folder = files.length > 0 ? folderOf(files) : startFolder();
  const target = targetOf(args[0]);
  const to = target ? `${target.host}/${target.repository ?? ''}` : '';
  const definition = { to, files: files.map((file) => definedFile(folder, file)) };
  services.openPushForm({ definition, folder });
};

/** Where relative paths start from when there are no files yet. */
export function startFolder(): string {
  const first = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  return first?.uri.fsPath ?? homedir();
}
