import { readFile, stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { pick } from '../host/pick';
import type { Credential } from '../oci/credential';
import { FileError, messageOf } from '../oci/errors';
import type { SignInHint } from '../oci/registryProfile';

/** The hint to go on with: one of its user names chosen, where it has several. */
export type ChosenHint = SignInHint & { readonly fromFile?: true };

const MAX_SECRET_FILE_BYTES = 64 * 1024;

/** Asks which kind of secret is at hand, where a registry takes several. Undefined when dismissed. */
export async function chooseHint(host: string, hint: SignInHint): Promise<ChosenHint | undefined> {
  const { choices = [] } = hint;
  if (choices.length === 0) return hint;
  const items: (vscode.QuickPickItem & { hint: ChosenHint })[] = choices.map((choice) => ({
    hint: choice,
    label: choice.label,
    description: choice.username,
    detail: choice.detail,
    iconPath: new vscode.ThemeIcon(choice.fromFile ? 'json' : 'key'),
  }));
  const other = { hint, label: 'Other user name…', iconPath: new vscode.ThemeIcon('account') };
  const options = { title: `Sign in to ${host} with`, ignoreFocusOut: true };
  return (await pick([...items, other], options))?.hint;
}

/** A user name with a file's text as its secret. Errors: FileError. */
export async function credentialFromFile(host: string, username: string): Promise<Credential | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: `Key file for ${host}`,
      openLabel: 'Use this key',
      filters: { JSON: ['json'], 'All files': ['*'] },
    })) ?? [];
  return file && { kind: 'basic', username, password: await readSecret(file.fsPath) };
}

async function readSecret(file: string): Promise<string> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FileError(file, 'UNREADABLE', `the key file cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (size > MAX_SECRET_FILE_BYTES) throw new FileError(file, 'EFBIG', 'it is too large for a key file');
  return readFile(file, 'utf8');
}
