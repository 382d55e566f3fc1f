import * as vscode from 'vscode';
import { showError } from '../host/showError';
import { signalOf } from '../host/progress';
import type { SignIns, StoreChoice } from '../host/signIns';
import type { Credential } from '../oci/credential';
import type { SignInHint } from '../oci/registryProfile';
import { askHost } from './askHost';
import { chooseHint, credentialFromFile, type ChosenHint } from './signInChoice';
import type { Command, Services } from './services';

/** Asks for user name and password or token, checks them with the registry, and stores them where the user chooses. */
export const signIn: Command = async (services, row) => {
  const host = await askHost(services, row, 'Sign in: registry');
  if (!host) return;
  const way = await askWay(services, host);
  if (way === 'password') await signInWithPassword(services, host);
  else if (way) await signInBy(services, host, way);
};

async function signInWithPassword(services: Services, host: string): Promise<void> {
  const hint = await chooseHint(host, services.openRegistry(host).profile.signIn);
  const credential = hint && (await askCredential(host, hint));
  if (credential) await signInWith(services, host, credential);
}

type Way = ReturnType<SignIns['waysFor']>[number];

/** Asked only where there is more than one way. */
async function askWay({ signIns }: Services, host: string): Promise<Way | 'password' | undefined> {
  const ways = signIns.waysFor(host);
  if (ways.length === 0) return 'password';
  const items = ways.map((way) => ({
    way,
    label: way.label,
    detail: way.detail,
    iconPath: new vscode.ThemeIcon(way.icon),
  }));
  const byPassword = {
    way: 'password' as const,
    label: 'User name and password',
    detail: 'Or an access token in place of the password',
    iconPath: new vscode.ThemeIcon('key'),
  };
  const options = { title: `Sign in to ${host} with`, ignoreFocusOut: true };
  return (
    await vscode.window.showQuickPick<vscode.QuickPickItem & { way: Way | 'password' }>(
      [...items, byPassword],
      options,
    )
  )?.way;
}

async function signInBy(services: Services, host: string, way: Way): Promise<void> {
  try {
    const place = await withSignInProgress(host, (signal) =>
      services.signIns.signInBy(way, host, { signal }),
    );
    if (place === undefined) return;
    services.tree.refresh({ kind: 'registry', id: host });
    void vscode.window.showInformationMessage(signedInMessage(host, place, true));
  } catch (error) {
    const retry = () => signInBy(services, host, way);
    await showError(services.log, error, { what: `Sign-in to ${host} failed`, host, retry });
  }
}

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
  return withSignInProgress(host, (signal) => signIns.verify(host, credential, { signal }));
}

async function withSignInProgress<T>(host: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `Signing in to ${host}`,
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_progress, token) => {
    const { signal, dispose } = signalOf(token);
    try {
      return await run(signal);
    } finally {
      dispose();
    }
  });
}

async function askCredential(host: string, hint: ChosenHint): Promise<Credential | undefined> {
  const username = hint.username ?? (await askUsername(host, hint));
  if (username === undefined) return undefined;
  if (hint.fromFile) return credentialFromFile(host, username);
  const secretPrompt = hint.secretPrompt ?? 'Password or access token';
  const password = await vscode.window.showInputBox({
    title: hint.username === undefined ? `Sign in to ${host} (2/2)` : `Sign in to ${host} as ${username}`,
    prompt: username ? `${secretPrompt} of ${username}` : 'Identity token',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? 'It cannot be empty.' : undefined),
  });
  if (!password) return undefined;
  return username ? { kind: 'basic', username, password } : { kind: 'identityToken', token: password };
}

function askUsername(
  host: string,
  { usernamePrompt = 'User name' }: SignInHint,
): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: `Sign in to ${host} (1/2)`,
    prompt: `${usernamePrompt}. Leave it empty to use an identity token.`,
    ignoreFocusOut: true,
  });
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
