import os from 'node:os';
import * as vscode from 'vscode';
import { amazon, type Amazon, type AmazonOptions } from './clouds/amazon/amazon';
import { awsLoader } from './clouds/amazon/loadAws';
import { withAcr } from './clouds/azure/withAcr';
import { azure, type Azure, type AzureOptions } from './clouds/azure/azure';
import { GithubCredentialSource } from './clouds/github/githubCredentialSource';
import type { GithubSessions } from './clouds/github/githubSessions';
import { GithubSignIn } from './clouds/github/githubSignIn';
import { registerCommands } from './commands';
import { CredentialChain } from './credentials/credentialChain';
import type { CredentialEnvironment } from './credentials/credentialEnvironment';
import { DockerConfigStore } from './credentials/dockerConfigStore';
import { SecretStore } from './credentials/secretStore';
import { askTenant } from './host/askTenant';
import { chooseAwsProfile } from './host/chooseAwsProfile';
import { GithubAccounts } from './host/githubAccounts';
import { LocalRegistry } from './host/localRegistry';
import { logError, logRequest } from './host/log';
import { openMicrosoftSession } from './host/microsoftSession';
import { RateLimits } from './host/rateLimits';
import { Settings } from './host/settings';
import { SignIns } from './host/signIns';
import type { Credential, CredentialProvider } from './oci/credential';
import type { WaitOptions } from './oci/target';
import { LocalFiles } from './targets/folder/localFiles';
import { FolderSink } from './targets/folder/folderSink';
import { providerFor } from './targets/registry/providers';
import type { RegistryProvider } from './targets/registry/providers/provider';
import { Registry } from './targets/registry/registry';
import { systemClock } from './transport/clock';
import { createTransport, type ClosableTransport } from './transport/createTransport';
import { ArtifactTreeProvider } from './views/artifactTreeProvider';
import { DetailsPanels } from './views/detailsPanel';
import { ManifestDocuments } from './views/manifestDocuments';

const VIEW_ID = 'ociArtifacts.registries';

/** Builds the objects and wires them; all of them end with the window. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('OCI Artifacts', { log: true });
  const settings = new Settings();
  const rateLimits = new RateLimits();
  const newTransport = (provider: CredentialProvider) =>
    createTransport({
      credentials: provider,
      endpointFor: (host) => settings.endpointFor(host),
      log: (entry) => logRequest(log, entry),
      onWarning: (host, text) => log.warn(`${host} says: ${text}`),
      onRateLimit: (host, limit) => log.info(`${host}: ${rateLimits.record(host, limit)}`),
      userAgent: userAgent(context),
    });
  const ping = pinger(newTransport);
  const aws = newAmazon(context, settings, ping);
  const github = new GithubAccounts(context.globalState);
  const credentials = newCredentials(context, { aws, github });
  const anonymous = newTransport({ credentialFor: async () => undefined });
  const acr = newAzure(context, { settings, transport: anonymous, ping });
  const transport = newTransport(withAcr(credentials, acr.credentials, systemClock));
  const forget = (host: string) => transport.forget(host);
  const ways = [...aws.ways, ...acr.ways, githubSignIn(github, ping)];
  const signIns = new SignIns({ credentials, ways, forget, ping });
  const localRegistry = new LocalRegistry({
    program: context.asAbsolutePath('dist/localRegistry.js'),
    onOutput: (line) => log.warn(`Local registry: ${line}`),
    onChange: () => tree.refresh(),
  });
  const openRegistry = registryOpener({ settings, transport, credentials, made: aws.providers });
  const repositoryOf = (target: { host: string; repository: string }) =>
    openRegistry(target.host).repository(target.repository);
  const tree: ArtifactTreeProvider = new ArtifactTreeProvider(VIEW_ID, {
    registries: () => settings.registries,
    open: openRegistry,
    localHost: () => localRegistry.host,
    rateLimitOf: (host) => rateLimits.describe(host),
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
  const connections = new vscode.Disposable(() => [transport, anonymous].forEach((it) => it.close()));
  context.subscriptions.push(log, localRegistry, tree, manifests, details, commands, onSettings, connections);
}

interface CredentialParts {
  readonly aws: Amazon;
  readonly github: GithubAccounts;
}

function newCredentials(context: vscode.ExtensionContext, { aws, github }: CredentialParts): CredentialChain {
  const stores = [new SecretStore(context.secrets), new DockerConfigStore({ environment: machine() })];
  const others = [aws.credentials, new GithubCredentialSource(sessionsOf(github))];
  return new CredentialChain(stores, [aws.chosenProfile, ...stores, ...others]);
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

/** Opens registries as the user's settings describe them. */
function registryOpener({
  settings,
  transport,
  credentials,
  made,
}: RegistryParts): (host: string) => Registry {
  return (host) => {
    const { kind, namespaces = [] } = settings.registry(host);
    return new Registry(host, transport, {
      provider: providerFor(host, kind, made),
      namespaces,
      credentials,
    });
  };
}

interface RegistryParts {
  readonly settings: Settings;
  readonly transport: ClosableTransport;
  readonly credentials: CredentialProvider;
  /** Providers that were made with what they need. */
  readonly made: readonly RegistryProvider[];
}

function sessionsOf(github: GithubAccounts): GithubSessions {
  return (scopes, options) => github.session(scopes, options);
}

function githubSignIn(github: GithubAccounts, verify: ReturnType<typeof pinger>): GithubSignIn {
  return new GithubSignIn({ sessions: sessionsOf(github), verify, stop: () => github.signOut() });
}

/** Credentials being tried go to the registry they were typed for, nowhere else. */
function fixedCredential(host: string, credential: Credential): CredentialProvider {
  return { credentialFor: async (asked) => (asked === host ? credential : undefined) };
}

function userAgent(context: vscode.ExtensionContext): string {
  const { version } = context.extension.packageJSON as { version: string };
  return `oci-artifacts-vscode/${version}`;
}
