import * as vscode from 'vscode';
import { pick } from './pick';

/** Asks for one of AWS's profiles, by name. */
export async function chooseAwsProfile(
  host: string,
  profiles: readonly string[],
): Promise<string | undefined> {
  const items = profiles.map((label) => ({ label, iconPath: new vscode.ThemeIcon('account') }));
  const title = `AWS profile for ${host}`;
  const placeHolder = 'A profile of your AWS configuration files';
  return (await pick(items, { title, placeHolder, ignoreFocusOut: true }))?.label;
}
