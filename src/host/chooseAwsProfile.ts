import * as vscode from 'vscode';

/** Asks for one of AWS's profiles, by name. */
export async function chooseAwsProfile(
  host: string,
  profiles: readonly string[],
): Promise<string | undefined> {
  const items = profiles.map((label) => ({ label, iconPath: new vscode.ThemeIcon('account') }));
  const title = `AWS profile for ${host}`;
  const placeHolder = 'A profile of your AWS configuration files';
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.label;
}
