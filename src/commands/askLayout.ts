import * as vscode from 'vscode';
import { pick } from '../host/pick';
import type { Services } from './services';

interface Item extends vscode.QuickPickItem {
  readonly take: () => Thenable<string | undefined>;
}

/** Asks for an OCI layout folder or `.tar` on disk: one of the sidebar, or one chosen in a dialog. */
export async function askLayout({ layouts }: Services, title: string): Promise<string | undefined> {
  const open = layouts.paths.map((file) => ({
    label: file,
    description: 'in the sidebar',
    iconPath: new vscode.ThemeIcon('folder-library'),
    take: async () => file,
  }));
  const folder = {
    label: 'Folder…',
    iconPath: new vscode.ThemeIcon('folder-opened'),
    take: () => openDialog(title, { canSelectFolders: true, canSelectFiles: false }),
  };
  const archive = {
    label: 'File (.tar)…',
    iconPath: new vscode.ThemeIcon('file-zip'),
    take: () => openDialog(title, { filters: { 'OCI layout as tar': ['tar'] } }),
  };
  const chosen = await pick<Item>([...open, folder, archive], {
    title,
    ignoreFocusOut: true,
  });
  return chosen?.take();
}

async function openDialog(title: string, options: vscode.OpenDialogOptions): Promise<string | undefined> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const at = defaultUri?.scheme === 'file' ? { defaultUri } : {};
  const [uri] = (await vscode.window.showOpenDialog({ title, openLabel: 'Choose', ...at, ...options })) ?? [];
  return uri?.fsPath;
}
