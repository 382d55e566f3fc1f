import * as vscode from 'vscode';
import { askText } from '../host/askText';
import { showInformation } from '../host/messages';
import { pick } from '../host/pick';
import { showError } from '../host/showError';
import { withProgress } from '../host/progress';
import type { SignIns, StoreChoice } from '../host/signIns';
import type { Credential } from '../oci/credential';
import type { SignInHint } from '../oci/registryProfile';
import { targetOf } from '../host/rowTarget';
import type { RegistrySettings } from '../host/settings';
import { withNamespaces } from './addRegistry';
import { hostProblem } from './askHost';
import { askRegistry } from './askRegistry';
import { keepSignIn, type SignedInAccount } from './keepSignIn';
import { chooseHint, credentialFromFile, type ChosenHint } from './signInChoice';
import type { Command, Services } from './services';

/**
 * Asks for user name and password or token, checks them with the registry, and stores them where the user chooses, or in
 * `storeIn` of the second argument. A registry that was chosen here comes into the sidebar. Resolves with the account that
 * was stored, if any.
 */
export const signIn: Command = async (services, row, options): Promise<SignedInAccount | undefined> => {
  const known = targetOf(row)?.host;
  if (known) return (await signInTo(services, known, options)).account;
  const entry = await askNewOrKnown(services);
  if (!entry) return undefined;
  const { host } = entry;
  if (Object.keys(entry).length > 1) await services.settings.updateRegistry(withNamespaces(services, entry));
  const { isSignedIn, account } = await signInTo(services, host, options);
  if (isSignedIn) await showRegistry(services, host);
  return account;
};

async function askNewOrKnown({ settings }: Services): Promise<RegistrySettings | undefined> {
  const known = settings.registries.map(({ host }) => host);
  const chosen = await askRegistry({
    title: 'Sign in: registry',
    known,
    without: new Set(known),
    problem: hostProblem,
  });
  return typeof chosen === 'object' ? chosen : undefined;
}

interface SignInResult {
  readonly isSignedIn: boolean;
  /** Left out where a way of its own signed in. */
  readonly account?: SignedInAccount | undefined;
}

async function signInTo(services: Services, host: string, options: unknown): Promise<SignInResult> {
  const storeIn = storeInOf(options);
  const way = storeIn ? 'password' : await askWay(services, host);
  if (way === undefined) return { isSignedIn: false };
  if (way !== 'password') return { isSignedIn: await signInBy(services, host, way) };
  const account = await signInWithPassword(services, host, storeIn);
  return { isSignedIn: account !== undefined, account };
}

/** Adds a registry that the sidebar lacks, and opens it there. */
async function showRegistry({ settings, tree }: Services, host: string): Promise<void> {
  if (!settings.registries.some((entry) => entry.host === host)) await settings.updateRegistry({ host });
  await tree.revealRegistry(host);
}

/** The place that a caller asks for; a menu passes other things here. */
function storeInOf(options: unknown): StoreChoice | undefined {
  if (typeof options !== 'object' || options === null || !('storeIn' in options)) return undefined;
  return options.storeIn === 'secretStorage' ? 'secretStorage' : undefined;
}

async function signInWithPassword(
  services: Services,
  host: string,
  storeIn: StoreChoice | undefined,
): Promise<SignedInAccount | undefined> {
  const hint = await chooseHint(host, services.openRegistry(host).profile.signIn);
  const credential = hint && (await askCredential(host, hint));
  return credential && signInWith(services, { host, credential, storeIn });
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
  return (await pick<vscode.QuickPickItem & { way: Way | 'password' }>([...items, byPassword], options))?.way;
}

async function signInBy(services: Services, host: string, way: Way): Promise<boolean> {
  let isSignedIn = false;
  try {
    const place = await withSignInProgress(host, (signal) =>
      services.signIns.signInBy(way, host, { signal }),
    );
    if (place === undefined) return false;
    isSignedIn = true;
    services.tree.refreshHost(host);
    void showInformation(`Signed in to ${host}. Stored in ${place}.`);
  } catch (error) {
    const retry = async () => {
      isSignedIn = await signInBy(services, host, way);
    };
    await showError(services.log, error, { what: `Sign-in to ${host} failed`, host, retry });
  }
  return isSignedIn;
}

interface Attempt {
  readonly host: string;
  readonly credential: Credential;
  readonly storeIn: StoreChoice | undefined;
}

async function signInWith(services: Services, attempt: Attempt): Promise<SignedInAccount | undefined> {
  const { host, credential, storeIn } = attempt;
  let account: SignedInAccount | undefined;
  try {
    const { access } = await verify(services, host, credential);
    account = await keepSignIn(services, { host, credential, verified: access === 'credentials' }, storeIn);
  } catch (error) {
    const retry = async () => {
      account = await signInWith(services, attempt);
    };
    await showError(services.log, error, { what: `Sign-in to ${host} failed`, host, retry });
  }
  return account;
}

async function verify({ signIns }: Services, host: string, credential: Credential) {
  return withSignInProgress(host, (signal) => signIns.verify(host, credential, { signal }));
}

async function withSignInProgress<T>(host: string, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withProgress(`Signing in to ${host}`, ({ signal }) => run(signal));
}

async function askCredential(host: string, hint: ChosenHint): Promise<Credential | undefined> {
  const username = hint.username ?? (await askUsername(host, hint));
  if (username === undefined) return undefined;
  if (hint.fromFile) return credentialFromFile(host, username);
  const secretPrompt = hint.secretPrompt ?? 'Password or access token';
  const password = await askText({
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
  return askText({
    title: `Sign in to ${host} (1/2)`,
    prompt: `${usernamePrompt}. Leave it empty to use an identity token.`,
    ignoreFocusOut: true,
  });
}
