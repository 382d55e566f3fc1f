import os from 'node:os';
import * as vscode from 'vscode';
import { amazon, type Amazon, type AmazonOptions } from './clouds/amazon/amazon';
import { awsLoader } from './clouds/amazon/loadAws';
import { withAcr } from './clouds/azure/withAcr';
import { azure, type Azure, type AzureOptions } from './clouds/azure/azure';
import { registerCommands } from './commands';
import { CredentialChain } from './credentials/credentialChain';
import type { CredentialEnvironment } from './credentials/credentialEnvironment';
import { DockerConfigStore } from './credentials/dockerConfigStore';
import { SecretStore } from './credentials/secretStore';
import { askTenant } from './host/askTenant';
import { chooseAwsProfile } from './host/chooseAwsProfile';
import { LocalRegistry } from './host/localRegistry';
import { logError, logRequest } from './host/log';
import { openMicrosoftSession } from './host/microsoftSession';
import { Settings } from './host/settings';
import { SignIns } from './host/signIns';
import type { Credential, CredentialProvider } from './oci/credential';
import type { WaitOptions } from './oci/target';
import { LocalFiles } from './targets/folder/localFiles';
import { FolderSink } from './targets/folder/folderSink';
import { providerFor } from './targets/registry/providers';
import { Registry } from './targets/registry/registry';
import { systemClock } from './transport/clock';
import { createTransport } from './transport/createTransport';
import type { Transport } from './transport/transport';
import { ArtifactTreeProvider } from './views/artifactTreeProvider';
import { DetailsPanels } from './views/detailsPanel';
import { ManifestDocuments } from './views/manifestDocuments';

const VIEW_ID = 'ociArtifacts.registries';

/** Builds the objects and wires them; all of them end with the window. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('OCI Artifacts', { log: true });
  const settings = new Settings();
  const newTransport = (provider: CredentialProvider) =>
    createTransport({
      credentials: provider,
      endpointFor: (host) => settings.endpointFor(host),
      log: (entry) => logRequest(log, entry),
      onWarning: (host, text) => log.warn(`${host} says: ${text}`),
      userAgent: userAgent(context),
    });
  const ping = pinger(newTransport);
  const aws = newAmazon(context, settings, ping);
  const credentials = newCredentials(context, aws);
  const anonymous = newTransport({ credentialFor: async () => undefined });
  const acr = newAzure(context, { settings, transport: anonymous, ping });
  const transport = newTransport(withAcr(credentials, acr.credentials, systemClock));
  const forget = (host: string) => transport.forget(host);
  const signIns = new SignIns({ credentials, ways: [...aws.ways, ...acr.ways], forget, ping });
  const localRegistry = new LocalRegistry({
    program: context.asAbsolutePath('dist/localRegistry.js'),
    onOutput: (line) => log.warn(`Local registry: ${line}`),
    onChange: () => tree.refresh(),
  });
  const openRegistry = (host: string) => {
    const { kind, namespaces = [] } = settings.registry(host);
    return new Registry(host, transport, { provider: providerFor(host, kind, aws.providers), namespaces });
  };
  const repositoryOf = (target: { host: string; repository: string }) =>
    openRegistry(target.host).repository(target.repository);
  const tree: ArtifactTreeProvider = new ArtifactTreeProvider(VIEW_ID, {
    registries: () => settings.registries,
    open: openRegistry,
    localHost: () => localRegistry.host,
    onFailure: (what, error) => logError(log, what, error),
  });
  const manifests = new ManifestDocuments(repositoryOf);
  const details = new DetailsPanels(vscode.Uri.joinPath(context.extensionUri, 'dist', 'media'), repositoryOf);
  const commands = registerCommands({
    settings,
    log,
    signIns,
    tree,
    localRegistry,
    openRegistry,
    state: context.globalState,
    localRegistryRoot: vscode.Uri.joinPath(context.globalStorageUri, 'registry').fsPath,
    newFileSource: () => new LocalFiles(),
    newFileSink: (folder) => new FolderSink(folder),
    openManifest: (target) => manifests.open(target),
    openDetails: async (target) => details.show(target),
  });
  const onSettings = settings.onDidChange(() => tree.refresh());
  context.subscriptions.push(log, localRegistry, tree, manifests, details, commands, onSettings);
}

function newCredentials(context: vscode.ExtensionContext, aws: Amazon): CredentialChain {
  const stores = [new SecretStore(context.secrets), new DockerConfigStore({ environment: machine() })];
  return new CredentialChain(stores, [aws.chosenProfile, ...stores, aws.credentials]);
}

function machine(): CredentialEnvironment {
  return { variables: process.env, homeFolder: os.homedir(), platform: process.platform };
}

type NewTransport = (credentials: CredentialProvider) => Transport;

/** Asks a registry with one credential alone. */
function pinger(newTransport: NewTransport) {
  return async (host: string, credential: Credential, options?: WaitOptions) => {
    const alone = newTransport(fixedCredential(host, credential));
    return new Registry(host, alone).ping(options ?? {});
  };
}

function newAzure(
  context: vscode.ExtensionContext,
  { settings, ...rest }: Pick<AzureOptions, 'transport' | 'ping'> & { readonly settings: Settings },
): Azure {
  return azure({
    ...rest,
    kindOf: (host) => settings.registry(host).kind,
    keep: context.globalState,
    environment: machine(),
    openSession: openMicrosoftSession,
    askTenant,
  });
}

function newAmazon(
  context: vscode.ExtensionContext,
  settings: Settings,
  ping: AmazonOptions['ping'],
): Amazon {
  return amazon({
    load: awsLoader(context.asAbsolutePath('dist/aws.js')),
    settingsOf: (host) => settings.registry(host),
    clock: systemClock,
    choose: chooseAwsProfile,
    ping,
    remember: (host, profile) => settings.chooseAwsProfile(host, profile),
  });
}

/** Credentials being tried go to the registry they were typed for, nowhere else. */
function fixedCredential(host: string, credential: Credential): CredentialProvider {
  return { credentialFor: async (asked) => (asked === host ? credential : undefined) };
}

function userAgent(context: vscode.ExtensionContext): string {
  const { version } = context.extension.packageJSON as { version: string };
  return `oci-artifacts-vscode/${version}`;
}
