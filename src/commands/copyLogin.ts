import * as vscode from 'vscode';
import { showInformation, showWarning } from '../host/messages';
import { pick } from '../host/pick';
import type { Login, StoreChoice } from '../host/signIns';
import { askHost } from './askHost';
import type { Command, Services } from './services';

const NAME: Readonly<Record<StoreChoice, string>> = {
  dockerConfig: 'the docker config',
  secretStorage: 'VS Code',
};

/** Copies a registry's sign-in from VS Code to the docker config, for docker, oras and helm. */
export const copyLoginToDockerConfig: Command = async (services, row) => {
  const host = await askHost(services, row, 'Copy login to docker config: registry');
  if (host) await copyLogin(services, host, { from: 'secretStorage', to: 'dockerConfig' });
};

/** Copies a registry's sign-in from the docker config to VS Code. */
export const copyLoginToVsCode: Command = async (services, row) => {
  const host = await askHost(services, row, 'Copy login to VS Code: registry');
  if (host) await copyLogin(services, host, { from: 'dockerConfig', to: 'secretStorage' });
};

async function copyLogin(
  services: Services,
  host: string,
  { from, to }: { from: StoreChoice; to: StoreChoice },
): Promise<void> {
  const { signIns } = services;
  const logins = await signIns.loginsIn(from, host);
  if (logins.length === 0) {
    void showInformation(`There is no sign-in to ${host} in ${NAME[from]}.`);
    return;
  }
  const login = await askLogin(host, logins);
  if (!login || !(await mayReplace(services, { host, login, to }))) return;
  await signIns.copy(host, login, to);
  services.tree.refreshHost(host);
  const [copied] = (await signIns.loginsIn(to, host)).filter(({ account }) => account === login.account);
  const place = copied?.place ?? NAME[to];
  void showInformation(`Copied the login of ${login.account} to ${host} from ${login.place} to ${place}.`);
}

async function askLogin(host: string, logins: readonly Login[]): Promise<Login | undefined> {
  if (logins.length === 1) return logins[0];
  const items = logins.map((login) => ({
    login,
    label: login.account,
    description: login.place,
    iconPath: new vscode.ThemeIcon('account'),
  }));
  const options = { title: `Copy login to ${host}`, placeHolder: 'Account to copy' };
  return (await pick(items, options))?.login;
}

/** The docker config keeps one account a registry, VS Code several. */
async function mayReplace(
  { signIns }: Services,
  { host, login, to }: { host: string; login: Login; to: StoreChoice },
): Promise<boolean> {
  if (to === 'secretStorage') return true;
  const [there] = await signIns.loginsIn(to, host);
  if (!there || there.account === login.account) return true;
  const message = `Replace the login of ${there.account} to ${host}?`;
  const detail = `${there.place} keeps one account a registry. It would be ${login.account}, for docker, oras and helm too.`;
  return (await showWarning(message, { modal: true, detail }, 'Replace')) === 'Replace';
}
