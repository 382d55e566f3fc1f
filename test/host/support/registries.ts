import * as vscode from 'vscode';

/** An entry of `ociArtifacts.registries`. */
export interface RegistryEntry {
  readonly host: string;
  readonly plainHttp?: boolean;
  readonly insecure?: boolean;
  readonly caFile?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resolve?: string;
  readonly repositories?: readonly string[];
  readonly kind?: string;
  readonly awsRegion?: string;
  readonly awsProfile?: string;
  readonly account?: string;
  readonly namespaces?: readonly string[];
}

/** Sets the user's registries, as if typed into the settings, and waits until it took effect. */
export async function useRegistries(...registries: readonly RegistryEntry[]): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ociArtifacts');
  await configuration.update('registries', registries, vscode.ConfigurationTarget.Global);
}

/** Sets where sign-ins are stored. */
export async function storeSignInsIn(choice: 'dockerConfig' | 'secretStorage' | 'ask'): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ociArtifacts');
  await configuration.update('credentialStore', choice, vscode.ConfigurationTarget.Global);
}

/** Sets how this machine reaches registries, by host. */
export async function useMachine(machine?: Readonly<Record<string, unknown>>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('ociArtifacts');
  await configuration.update('machine', machine, vscode.ConfigurationTarget.Global);
}

/** The value of `ociArtifacts.machine` in the settings of this machine. */
export function storedMachine(): unknown {
  return vscode.workspace.getConfiguration('ociArtifacts').inspect('machine')?.globalValue;
}
