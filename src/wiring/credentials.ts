import os from 'node:os';
import * as vscode from 'vscode';
import { ContainersAuth } from '../credentials/containersAuth';
import { CredentialChain } from '../credentials/credentialChain';
import type { CredentialEnvironment } from '../credentials/credentialEnvironment';
import type { CredentialSource } from '../credentials/credentialStore';
import { DockerConfigStore } from '../credentials/dockerConfigStore';
import { HelmConfig } from '../credentials/helmConfig';
import { SecretStore } from '../credentials/secretStore';
import { ACCOUNTS_PROVIDER_ID, RegistryAccounts } from '../host/registryAccounts';
import type { Settings } from '../host/settings';
import type { SignIns } from '../host/signIns';
import { sayItIsSilent } from '../host/silentService';
import type { Transport } from '../transport/transport';
import type { ArtifactTreeProvider } from '../views/artifactTreeProvider';

/** What sources read of this machine. */
export function machine(): CredentialEnvironment {
  return {
    variables: process.env,
    homeFolder: os.homedir(),
    platform: process.platform,
    userId: process.getuid?.(),
  };
}

/** The sign-ins that VS Code keeps. That its storage does not answer is said, once. */
export function newAccounts({ secrets }: vscode.ExtensionContext): SecretStore {
  return new SecretStore(secrets, Date.now, { onSilent: () => sayItIsSilent("VS Code's secret storage") });
}

/** Every source of credentials, asked in the order of the user's settings. */
export function newCredentials(
  settings: Settings,
  accounts: SecretStore,
  clouds: readonly CredentialSource[],
): CredentialChain {
  const files = { environment: machine() };
  const sources = [accounts, new DockerConfigStore(files), new ContainersAuth(files), new HelmConfig(files)];
  return new CredentialChain([...sources, ...clouds], {
    order: () => settings.credentialOrder,
    accountFor: (host) => settings.accountFor(host),
  });
}

export interface SignInParts {
  readonly accounts: SecretStore;
  readonly settings: Settings;
  readonly signIns: SignIns;
  readonly transport: Transport;
  readonly tree: ArtifactTreeProvider;
}

/** A setting, the Accounts menu or another window may change who is signed in. */
export function watchSignIns({ secrets }: vscode.ExtensionContext, parts: SignInParts): vscode.Disposable {
  const { accounts, settings, signIns, transport, tree } = parts;
  const menu = new RegistryAccounts({
    store: accounts,
    onDidChangeSecrets: secrets.onDidChange,
    onChange: (host) => tree.refreshHost(host),
    remove: ({ host, name }) =>
      signIns.remove(host, { store: 'secretStorage', account: name, place: accounts.label }),
  });
  const registration = vscode.authentication.registerAuthenticationProvider(
    ACCOUNTS_PROVIDER_ID,
    'OCI Artifacts',
    menu,
    { supportsMultipleAccounts: true },
  );
  const onSecrets = secrets.onDidChange(() => transport.forget());
  const onSettings = settings.onDidChange(({ concernsAll }) => {
    transport.forget();
    if (concernsAll) tree.refresh();
    else tree.update();
  });
  return vscode.Disposable.from(registration, menu, onSecrets, onSettings);
}
