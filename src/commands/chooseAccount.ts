import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import { showInformation } from '../host/messages';
import { pick } from '../host/pick';
import type { CredentialExplanation, Login } from '../host/signIns';
import { askHost } from './askHost';
import type { Command, Services } from './services';

type Choice = { readonly account: string | undefined } | 'signIn';

interface ChoiceItem extends vscode.QuickPickItem {
  readonly choice?: Choice;
}

/** Lets the user say which of the accounts of a registry is used. */
export const chooseAccount: Command = async (services, row) => {
  const host = await askHost(services, row, 'Choose account: registry');
  if (!host) return;
  const choice = await askAccount(services, host);
  if (choice === 'signIn') {
    await vscode.commands.executeCommand(commandIds.signIn, { target: { host } });
  } else if (choice) {
    await services.signIns.choose(host, choice.account);
    services.tree.refreshHost(host);
    void showInformation(chosenMessage(host, choice.account));
  }
};

async function askAccount({ signIns }: Services, host: string): Promise<Choice | undefined> {
  const logins = await signIns.logins(host);
  const chosen = signIns.chosenAccount(host);
  const inUse = chosen === undefined ? usedAccount(await signIns.explain(host)) : undefined;
  const items: ChoiceItem[] = [
    ...[...new Set(logins.map(({ account }) => account))].map((account) =>
      accountItem(account, logins, chosen),
    ),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    {
      choice: { account: undefined },
      label: 'Automatic',
      description: chosen === undefined ? `in use: ${inUse ?? 'no account'}` : '',
      detail: 'The first sign-in in the order of the sources; of several in VS Code the last one.',
      iconPath: new vscode.ThemeIcon(chosen === undefined ? 'check' : 'list-ordered'),
    },
    { choice: 'signIn', label: 'Sign in with another account…', iconPath: new vscode.ThemeIcon('add') },
  ];
  const options = { title: `Account for ${host}`, placeHolder: 'Which account pushes and pulls here?' };
  return (await pick(items, options))?.choice;
}

function accountItem(account: string, logins: readonly Login[], chosen: string | undefined): ChoiceItem {
  const places = logins.filter((login) => login.account === account).map(({ place }) => place);
  return {
    choice: { account },
    label: account,
    description: chosen === account ? `${places.join(', ')} · in use` : places.join(', '),
    iconPath: new vscode.ThemeIcon(chosen === account ? 'check' : 'account'),
  };
}

function usedAccount({ steps }: CredentialExplanation): string | undefined {
  return steps.flatMap(({ report }) => (report.outcome === 'used' ? report.account : []))[0];
}

function chosenMessage(host: string, account: string | undefined): string {
  if (account === undefined) return `${host} uses the first sign-in that is found.`;
  return `${host} uses the account ${account}.`;
}
