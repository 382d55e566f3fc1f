import * as vscode from 'vscode';
import { showInformation } from '../host/messages';
import { pick } from '../host/pick';
import { pickOrType } from '../host/pickOrType';
import { targetOf } from '../host/rowTarget';
import type { Login } from '../host/signIns';
import { hostProblem } from './askHost';
import { correctedHostName } from './corrected';
import type { Command, Services } from './services';

/** Removes the sign-in of a registry from where it is kept; of several accounts the one that is chosen, or all. */
export const signOut: Command = async (services, row) => {
  const host = targetOf(row)?.host ?? (await askSignedInHost(services));
  if (!host) return;
  const logins = await services.signIns.logins(host);
  const which = await askWhich(host, logins);
  if (!which) return;
  const message =
    which === 'all' ? await signOutOfAll(services, host) : await signOutOf(services, host, which);
  services.tree.refreshHost(host);
  void showInformation(message);
};

async function signOutOfAll({ signIns }: Services, host: string): Promise<string> {
  const places = await signIns.removeAll(host);
  return places.length > 0
    ? `Signed out of ${host}. Removed from ${places.join(' and ')}.`
    : `Not signed in to ${host}.`;
}

async function signOutOf({ signIns }: Services, host: string, login: Login): Promise<string> {
  await signIns.remove(host, login);
  return `Signed ${login.account} out of ${host}. Removed from ${login.place}.`;
}

interface LoginItem extends vscode.QuickPickItem {
  readonly which: Login | 'all';
}

/** One account, wherever it is kept, is not asked about. */
async function askWhich(host: string, logins: readonly Login[]): Promise<Login | 'all' | undefined> {
  if (new Set(logins.map(({ account }) => account)).size <= 1) return 'all';
  const items: LoginItem[] = logins.map((login) => ({
    which: login,
    label: login.account,
    description: login.place,
    iconPath: new vscode.ThemeIcon('account'),
  }));
  const all: LoginItem = {
    which: 'all',
    label: 'All accounts',
    description: `${logins.length} sign-ins`,
    iconPath: new vscode.ThemeIcon('sign-out'),
  };
  const options = {
    title: `Sign out of ${host}`,
    placeHolder: 'Account to sign out',
    matchOnDescription: true,
  };
  return (await pick([...items, all], options))?.which;
}

async function askSignedInHost({ settings, signIns }: Services): Promise<string | undefined> {
  const hosts = settings.registries.map(({ host }) => host);
  const holders = await Promise.all(hosts.map((host) => signIns.holders(host)));
  const suggestions = hosts
    .map((value, at) => ({ value, description: (holders[at] ?? []).join(', '), icon: 'server' }))
    .filter(({ description }) => description !== '');
  return pickOrType({
    title: 'Sign out: registry',
    placeholder: 'Registry: host or host:port',
    suggestions,
    problem: hostProblem,
    correction: (typed) => correctedHostName(typed, hostProblem),
  });
}
