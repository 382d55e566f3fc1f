import os from 'node:os';
import * as vscode from 'vscode';
import { withAcr } from './clouds/azure/withAcr';
import { azure, type Azure, type AzureOptions } from './clouds/azure/azure';
import { registerCommands } from './commands';
import type { Services } from './commands/services';
import { signInAgain } from './commands/signInAgain';
import { CredentialChain } from './credentials/credentialChain';
import type { CredentialEnvironment } from './credentials/credentialEnvironment';
import { DockerConfigStore } from './credentials/dockerConfigStore';
import { SecretStore } from './credentials/secretStore';
import { askTenant } from './host/askTenant';
import { LocalRegistry } from './host/localRegistry';
import { logError, logRequest } from './host/log';
import { openMicrosoftSession } from './host/microsoftSession';
import { Settings } from './host/settings';
import { SignIns } from './host/signIns';
import type { Credential, CredentialProvider } from './oci/credential';
import { LocalFiles } from './targets/folder/localFiles';
import { FolderSink } from './targets/folder/folderSink';
import { providerFor } from './targets/registry/providers';
import { Registry } from './targets/registry/registry';
import type { WaitOptions } from './oci/target';
import { systemClock } from './transport/clock';
import { createTransport, type ClosableTransport } from './transport/createTransport';
import { withSignInAgain } from './transport/signInAgain';
import { SignInQuestions } from './transport/signInQuestions';
import type { Transport } from './transport/transport';
import { ArtifactTreeProvider } from './views/artifactTreeProvider';
import { DetailsPanels } from './views/detailsPanel';
import { ManifestDocuments } from './views/manifestDocuments';

const VIEW_ID = 'ociArtifacts.registries';

/** Builds the objects and wires them; all of them end with the window. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('OCI Artifacts', { log: true });
  const settings = new Settings();
  const credentials = newCredentials(context);
  const newTransport = (provider: CredentialProvider) =>
    createTransport({
      credentials: provider,
      endpointFor: (host) => settings.endpointFor(host),
      log: (entry) => logRequest(log, entry),
      onWarning: (host, text) => log.warn(`${host} says: ${text}`),
      userAgent: userAgent(context),
    });
  const ping = pinger(newTransport);
  const anonymous = newTransport({ credentialFor: async () => undefined });
  const acr = newAzure(context, { settings, transport: anonymous, ping });
  const transport = newTransport(withAcr(credentials, acr.credentials, systemClock));
  const forget = (host: string) => transport.forget(host);
  const signIns = new SignIns({ credentials, ways: acr.ways, forget, ping });
  const localRegistry = new LocalRegistry({
    program: context.asAbsolutePath('dist/localRegistry.js'),
    onOutput: (line) => log.warn(`Local registry: ${line}`),
    onChange: () => tree.refresh(),
  });
  const questions = new SignInQuestions((question, options) => signInAgain(services, question, options));
  const openRegistry = registryOpener(settings, transport, questions);
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
  const services: Services = {
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
  };
  const commands = registerCommands(services);
  const onSettings = settings.onDidChange(() => tree.refresh());
  const connections = new vscode.Disposable(() => [transport, anonymous].forEach((it) => it.close()));
  context.subscriptions.push(log, localRegistry, tree, manifests, details, commands, onSettings, connections);
}

function newCredentials(context: vscode.ExtensionContext): CredentialChain {
  return new CredentialChain([
    new SecretStore(context.secrets),
    new DockerConfigStore({ environment: machine() }),
  ]);
}

function machine(): CredentialEnvironment {
  return { variables: process.env, homeFolder: os.homedir(), platform: process.platform };
}

type NewTransport = (credentials: CredentialProvider) => ClosableTransport;

/** Asks a registry with one credential alone. */
function pinger(newTransport: NewTransport) {
  return async (host: string, credential: Credential, options?: WaitOptions) => {
    const alone = newTransport(fixedCredential(host, credential));
    return new Registry(host, alone).ping(options ?? {}).finally(() => alone.close());
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

function registryOpener(
  settings: Settings,
  transport: Transport,
  questions: SignInQuestions,
): Services['openRegistry'] {
  return (host, { during } = {}) => {
    const { kind, namespaces = [] } = settings.registry(host);
    const way = during === undefined ? transport : withSignInAgain(transport, questions, during);
    return new Registry(host, way, { provider: providerFor(host, kind), namespaces });
  };
}

/** Credentials being tried go to the registry they were typed for, nowhere else. */
function fixedCredential(host: string, credential: Credential): CredentialProvider {
  return { credentialFor: async (asked) => (asked === host ? credential : undefined) };
}

function userAgent(context: vscode.ExtensionContext): string {
  const { version } = context.extension.packageJSON as { version: string };
  return `oci-artifacts-vscode/${version}`;
}
