import * as vscode from 'vscode';
import { showError } from '../host/showError';
import { signalOf } from '../host/progress';
import type { StoreChoice } from '../host/signIns';
import type { Credential } from '../oci/credential';
import { askHost } from './askHost';
import type { Command, Services } from './services';

/** Asks for user name and password or token, checks them with the registry, and stores them where the user chooses. */
export const signIn: Command = async (services, row) => {
  const host = await askHost(services, row, 'Sign in: registry');
  if (!host) return;
  const credential = await askCredential(host);
  if (!credential) return;
  await signInWith(services, host, credential);
};

async function signInWith(services: Services, host: string, credential: Credential): Promise<void> {
  try {
    const { access } = await verify(services, host, credential);
    const choice = await askStore(services, host);
    if (!choice) return;
    const place = await services.signIns.store(host, credential, choice);
    services.tree.refresh({ kind: 'registry', id: host });
    void vscode.window.showInformationMessage(signedInMessage(host, place, access === 'credentials'));
  } catch (error) {
    await showError(services.log, error, {
      what: `Sign-in to ${host} failed`,
      host,
      retry: () => signInWith(services, host, credential),
    });
  }
}

async function verify({ signIns }: Services, host: string, credential: Credential) {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Signing in to ${host}`,
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const { signal, dispose } = signalOf(token);
    try {
      return await signIns.verify(host, credential, { signal });
    } finally {
      dispose();
    }
  });
}

async function askCredential(host: string): Promise<Credential | undefined> {
  const username = await vscode.window.showInputBox({
    title: `Sign in to ${host} (1/2)`,
    prompt: 'User name. Leave it empty to use an identity token.',
    ignoreFocusOut: true,
  });
  if (username === undefined) return undefined;
  const password = await vscode.window.showInputBox({
    title: `Sign in to ${host} (2/2)`,
    prompt: username ? `Password or access token of ${username}` : 'Identity token',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? 'It cannot be empty.' : undefined),
  });
  if (!password) return undefined;
  return username ? { kind: 'basic', username, password } : { kind: 'identityToken', token: password };
}

interface StoreItem extends vscode.QuickPickItem {
  readonly choice: StoreChoice;
}

async function askStore({ settings }: Services, host: string): Promise<StoreChoice | undefined> {
  if (settings.credentialStore !== 'ask') return settings.credentialStore;
  const items: StoreItem[] = [
    {
      choice: 'dockerConfig',
      label: 'Docker config',
      description: 'docker, oras and helm use it too',
      detail: 'As oras login does: by its credential helper, else in the file itself, readable by you alone.',
      iconPath: new vscode.ThemeIcon('file-code'),
    },
    {
      choice: 'secretStorage',
      label: 'VS Code',
      description: 'encrypted, for this editor only',
      iconPath: new vscode.ThemeIcon('lock'),
    },
  ];
  const title = `Store the sign-in to ${host} in`;
  const placeHolder = 'The setting "OCI Artifacts: Credential Store" remembers a choice';
  return (await vscode.window.showQuickPick(items, { title, placeHolder, ignoreFocusOut: true }))?.choice;
}

function signedInMessage(host: string, place: string, verified: boolean): string {
  if (verified) return `Signed in to ${host}. Stored in ${place}.`;
  return `${host} is open: it did not look at the user name and password, so they are not verified. Stored in ${place}.`;
}
