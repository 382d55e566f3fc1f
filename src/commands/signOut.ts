import * as vscode from 'vscode';
import { pickOrType } from '../host/pickOrType';
import { targetOf } from '../host/rowTarget';
import { hostProblem } from './askHost';
import type { Command, Services } from './services';

/** Removes the sign-in of a registry from where it is kept. */
export const signOut: Command = async (services, row) => {
  const host = targetOf(row)?.host ?? (await askSignedInHost(services));
  if (!host) return;
  const places = await services.signIns.remove(host);
  services.tree.refresh({ kind: 'registry', id: host });
  const message =
    places.length > 0
      ? `Signed out of ${host}. Removed from ${places.join(' and ')}.`
      : `Not signed in to ${host}.`;
  void vscode.window.showInformationMessage(message);
};

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
  });
}
