import * as vscode from 'vscode';
import { askText } from '../host/askText';
import { commandIds } from '../host/commandIds';
import { targetOf } from '../host/rowTarget';
import type { RegistrySettings } from '../host/settings';
import { hostProblem } from './askHost';
import { askRegistry } from './askRegistry';
import { checkRegistry } from './checkRegistry';
import { namespacesProblem, splitNamespaces } from './registryKinds';
import type { Command, Services } from './services';

const LOCAL = 'Local registry';

/** Adds a registry to the sidebar: by its kind, which asks only for what it needs, or by its host. Then signs in. */
export const addRegistry: Command = async (services) => {
  const known = new Set(services.settings.registries.map(({ host }) => host));
  const chosen = await askRegistry({
    title: 'Add registry',
    without: known,
    others: [{ value: LOCAL, description: 'on this machine, no Docker needed', icon: 'vm' }],
    problem: (text) => newHostProblem(text, known),
  });
  if (chosen === LOCAL) return vscode.commands.executeCommand(commandIds.startLocalRegistry);
  if (typeof chosen === 'object') await add(services, chosen);
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
  await checkRegistry(services, host);
}

/** An entry with its namespaces behind those that the registry has already. */
export function withNamespaces({ settings }: Services, entry: RegistrySettings): RegistrySettings {
  const { namespaces: known = [] } = settings.registry(entry.host);
  const namespaces = [...new Set([...known, ...(entry.namespaces ?? [])])];
  return namespaces.length > 0 ? { ...entry, namespaces } : entry;
}

/** Why a text is not a host to add, as a sentence. */
function newHostProblem(text: string, known: ReadonlySet<string>): string | undefined {
  return hostProblem(text) ?? (known.has(text.toLowerCase()) ? 'It is in the sidebar already.' : undefined);
}
