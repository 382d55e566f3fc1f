import * as vscode from 'vscode';

/** Asks whether what refers to an artifact goes along; undefined when dismissed. */
export async function askReferrers(title: string): Promise<boolean | undefined> {
  const items = [
    {
      label: 'Without referrers',
      detail: 'The artifact alone',
      referrers: false,
      iconPath: new vscode.ThemeIcon('package'),
    },
    {
      label: 'With referrers',
      detail: 'Signatures, SBOMs and all else that refers to it, and what refers to that',
      referrers: true,
      iconPath: new vscode.ThemeIcon('references'),
    },
  ];
  return (await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true }))?.referrers;
}
