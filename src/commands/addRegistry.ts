import * as vscode from 'vscode';
import { askSteps } from '../host/askSteps';
import { askText } from '../host/askText';
import { commandIds } from '../host/commandIds';
import { pickOrType } from '../host/pickOrType';
import { targetOf } from '../host/rowTarget';
import type { RegistrySettings } from '../host/settings';
import { hostProblem } from './askHost';
import { checkRegistry } from './checkRegistry';
import { namespacesProblem, registryChoices, splitNamespaces, type RegistryChoice } from './registryKinds';
import type { Command, Services } from './services';

const LOCAL = 'Local registry';

/** Adds a registry to the sidebar: by its kind, which asks only for what it needs, or by its host. Then signs in. */
export const addRegistry: Command = async (services) => {
  const known = new Set(services.settings.registries.map(({ host }) => host));
  for (;;) {
    const chosen = await pickKind(known);
    if (chosen === undefined) return;
    if (chosen === LOCAL) return vscode.commands.executeCommand(commandIds.startLocalRegistry);
    const choice = registryChoices.find(({ label }) => label === chosen);
    const entry = choice ? await askEntry(choice) : { host: chosen };
    if (entry) return add(services, entry);
  }
};

/** Adds an organization or project to those that a registry lists. */
export const addNamespace: Command = async (services, row) => {
  const host = targetOf(row)?.host;
  if (!host) return;
  const word = services.openRegistry(host).profile.namespaceWord ?? 'organization or project';
  const text = await askText({
    title: `Add ${word} of ${host}`,
    prompt: 'Its repositories are listed from then on. Several have commas between them.',
    ignoreFocusOut: true,
    validateInput: namespacesProblem,
  });
  if (!text) return;
  await services.settings.updateRegistry(
    withNamespaces(services, { host, namespaces: splitNamespaces(text) }),
  );
  services.tree.refreshHost(host);
};

async function add(services: Services, entry: RegistrySettings): Promise<void> {
  const { host } = entry;
  await services.settings.updateRegistry(withNamespaces(services, entry));
  const asksToSignIn = await checkRegistry(services, host);
  if (asksToSignIn) await vscode.commands.executeCommand(commandIds.signIn, { target: { host } });
}

/** The namespaces that the registry has already come first. */
function withNamespaces({ settings }: Services, entry: RegistrySettings): RegistrySettings {
  const { namespaces: known = [] } = settings.registry(entry.host);
  const namespaces = [...new Set([...known, ...(entry.namespaces ?? [])])];
  return namespaces.length > 0 ? { ...entry, namespaces } : entry;
}

/** The label of a kind, or a host as typed. */
function pickKind(known: ReadonlySet<string>): Promise<string | undefined> {
  const kinds = registryChoices.filter(({ host }) => host === undefined || !known.has(host));
  const local = { value: LOCAL, description: 'on this machine, no Docker needed', icon: 'vm' };
  return pickOrType({
    title: 'Add registry',
    placeholder: 'Choose a kind of registry, or type its host, e.g. registry.example.com',
    suggestions: [
      ...kinds.map(({ label, description, icon }) => ({ value: label, description, icon })),
      local,
    ],
    problem: (text) => newHostProblem(text, known),
    isTyped: (text) => /[.:]|^localhost$/.test(text),
  });
}

async function askEntry({ label, steps, entry }: RegistryChoice): Promise<RegistrySettings | undefined> {
  const answers = await askSteps(`Add registry: ${label}`, steps);
  return answers && entry(answers);
}

/** Why a text is not a host to add, as a sentence. */
function newHostProblem(text: string, known: ReadonlySet<string>): string | undefined {
  return hostProblem(text) ?? (known.has(text) ? 'It is in the sidebar already.' : undefined);
}
