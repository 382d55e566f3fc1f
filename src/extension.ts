import os from 'node:os';
import * as vscode from 'vscode';
import { amazon, type Amazon, type AmazonOptions } from './clouds/amazon/amazon';
import { awsLoader } from './clouds/amazon/loadAws';
import { azure, type Azure, type AzureOptions } from './clouds/azure/azure';
import { registerCommands } from './commands';
import type { Services } from './commands/services';
import { signInAgain } from './commands/signInAgain';
import { ContainersAuth } from './credentials/containersAuth';
import { CredentialChain } from './credentials/credentialChain';
import type { CredentialEnvironment } from './credentials/credentialEnvironment';
import type { CredentialSource } from './credentials/credentialStore';
import { DockerConfigStore } from './credentials/dockerConfigStore';
import { HelmConfig } from './credentials/helmConfig';
import { SecretStore } from './credentials/secretStore';
import { askTenant } from './host/askTenant';
import { chooseAwsProfile } from './host/chooseAwsProfile';
import { LocalRegistry } from './host/localRegistry';
import { logError, logRequest } from './host/log';
import { openMicrosoftSession } from './host/microsoftSession';
import { ACCOUNTS_PROVIDER_ID, RegistryAccounts } from './host/registryAccounts';
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
  const newTransport = transportFactory(context, settings, log);
  const ping = pinger(newTransport);
  const anonymous = newTransport({ credentialFor: async () => undefined });
  const aws = newAmazon(context, settings, ping);
  const acr = newAzure(context, { settings, transport: anonymous, ping });
  const accounts = new SecretStore(context.secrets);
  const credentials = newCredentials(settings, accounts, [aws.credentials, acr.credentials]);
  const transport = newTransport(credentials);
  const forget = (host: string) => transport.forget(host);
  const ways = [...aws.ways, ...acr.ways];
  const signIns = new SignIns({ credentials, accounts, choice: settings, ways, forget, ping });
  const localRegistry = new LocalRegistry({
    program: context.asAbsolutePath('dist/localRegistry.js'),
    onOutput: (line) => log.warn(`Local registry: ${line}`),
    onChange: () => tree.refresh(),
  });
  const questions = new SignInQuestions((question, options) => signInAgain(services, question, options));
  const openRegistry = registryOpener({ settings, transport, questions, providers: aws.providers });
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
  const signInChanges = watchSignIns(context, { accounts, settings, signIns, transport, tree });
  context.subscriptions.push(log, localRegistry, tree, manifests, details, commands, signInChanges);
}

function transportFactory(
  context: vscode.ExtensionContext,
  settings: Settings,
  log: vscode.LogOutputChannel,
): NewTransport {
  return (credentials) =>
    createTransport({
      credentials,
      endpointFor: (host) => settings.endpointFor(host),
      log: (entry) => logRequest(log, entry),
      onWarning: (host, text) => log.warn(`${host} says: ${text}`),
      userAgent: userAgent(context),
    });
}

interface SignInParts {
  readonly accounts: SecretStore;
  readonly settings: Settings;
  readonly signIns: SignIns;
  readonly transport: Transport;
  readonly tree: ArtifactTreeProvider;
}

/** A setting, the Accounts menu or another window may change who is signed in. */
function watchSignIns(
  { secrets }: vscode.ExtensionContext,
  { accounts, settings, signIns, transport, tree }: SignInParts,
): vscode.Disposable {
  const menu = new RegistryAccounts({
    store: accounts,
    onDidChangeSecrets: secrets.onDidChange,
    onChange: (host) => tree.refresh({ kind: 'registry', id: host }),
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
  const onSettings = settings.onDidChange(() => {
    transport.forget();
    tree.refresh();
  });
  return vscode.Disposable.from(registration, menu, onSecrets, onSettings);
}

function newCredentials(
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

function machine(): CredentialEnvironment {
  return {
    variables: process.env,
    homeFolder: os.homedir(),
    platform: process.platform,
    userId: process.getuid?.(),
  };
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

interface OpenerParts {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly questions: SignInQuestions;
  readonly providers: Amazon['providers'];
}

/** Registries of what a user does ask to sign in again; those that are only looked at do not. */
function registryOpener({
  settings,
  transport,
  questions,
  providers,
}: OpenerParts): Services['openRegistry'] {
  return (host, { during } = {}) => {
    const { kind, namespaces = [] } = settings.registry(host);
    const way = during === undefined ? transport : withSignInAgain(transport, questions, during);
    return new Registry(host, way, { provider: providerFor(host, kind, providers), namespaces });
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
