import * as vscode from 'vscode';

/** The values of `http.proxySupport` in VS Code. */
export const proxySupportModes = ['override', 'on', 'off', 'fallback'] as const;

/** Sets settings of VS Code's `http` section for the user; undefined takes one back. They count from the next request on. */
export async function useHttpSettings(settings: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, value] of Object.entries(settings))
    await vscode.workspace.getConfiguration('http').update(name, value, vscode.ConfigurationTarget.Global);
}

/** Takes back everything these tests set. */
export async function resetHttpSettings(): Promise<void> {
  const names = ['proxySupport', 'proxy', 'noProxy', 'systemCertificates'];
  await useHttpSettings(Object.fromEntries(names.map((name) => [name, undefined])));
}
