import * as vscode from 'vscode';
import { showInformation } from '../host/messages';
import { pick } from '../host/pick';
import { showError } from '../host/showError';
import type { StoreChoice } from '../host/signIns';
import { accountOf, type Credential } from '../oci/credential';
import type { Services } from './services';

/** A sign-in to keep. `verified` is false where the registry did not look at it. */
export interface SignedIn {
  readonly host: string;
  readonly credential: Credential;
  readonly verified: boolean;
}

/** An account of a registry, for who asked for a sign-in. */
export interface SignedInAccount {
  readonly host: string;
  readonly name: string;
}

/**
 * Stores a sign-in, in the given place or where the user chooses, and says where. A store that fails is shown, with VS
 * Code's own as the way out. Undefined when nothing was stored.
 */
export async function keepSignIn(
  services: Services,
  signedIn: SignedIn,
  storeIn?: StoreChoice,
): Promise<SignedInAccount | undefined> {
  const choice = storeIn ?? (await askStore(services, signedIn.host));
  return choice && storeAt(services, signedIn, choice);
}

async function storeAt(
  services: Services,
  signedIn: SignedIn,
  choice: StoreChoice,
): Promise<SignedInAccount | undefined> {
  const { host, credential } = signedIn;
  try {
    const place = await services.signIns.store(host, credential, choice);
    services.tree.refreshHost(host);
    void showInformation(signedInMessage(signedIn, place));
    return { host, name: accountOf(credential) };
  } catch (error) {
    return storeElsewhere(services, { signedIn, choice, error });
  }
}

async function storeElsewhere(
  services: Services,
  { signedIn, choice, error }: { signedIn: SignedIn; choice: StoreChoice; error: unknown },
): Promise<SignedInAccount | undefined> {
  let account: SignedInAccount | undefined;
  const again = (where: StoreChoice) => async () => {
    account = await storeAt(services, signedIn, where);
  };
  await showError(services.log, error, {
    what: `The sign-in to ${signedIn.host} could not be stored`,
    host: signedIn.host,
    retry: again(choice),
    instead:
      choice === 'dockerConfig'
        ? { label: 'Store in VS Code instead', run: again('secretStorage') }
        : undefined,
  });
  return account;
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
  return (await pick(items, { title, placeHolder, ignoreFocusOut: true }))?.choice;
}

function signedInMessage({ host, verified }: SignedIn, place: string): string {
  if (verified) return `Signed in to ${host}. Stored in ${place}.`;
  return `${host} is open: it did not look at the user name and password, so they are not verified. Stored in ${place}.`;
}
