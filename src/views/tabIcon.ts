import * as vscode from 'vscode';

/** The icon of a page's tab. `mediaFolder` is where pages are bundled, below `dist`. */
export function tabIcon(mediaFolder: vscode.Uri): { readonly light: vscode.Uri; readonly dark: vscode.Uri } {
  const file = (name: string) => vscode.Uri.joinPath(mediaFolder, '..', '..', 'media', name);
  return { light: file('tab-light.svg'), dark: file('tab-dark.svg') };
}
