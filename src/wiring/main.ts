import * as vscode from 'vscode';
import { runCommand } from '../commands';
import { registerDefinitionLenses } from '../commands/definitions/definitionLenses';
import { definitionTasks } from '../commands/definitions/definitionTasks';
import type { Services } from '../commands/services';
import { signInAgain } from '../commands/signInAgain';
import type { CommandId } from '../host/commandIds';
import { watchLayoutFolders } from '../host/layoutFolders';
import { ListChoices } from '../host/listChoices';
import { LocalRegistry } from '../host/localRegistry';
import { logError, logLine } from '../host/log';
import { ManifestDrafts } from '../host/manifestDrafts';
import { oneLine } from '../host/plainText';
import { OpenLayouts } from '../host/openLayouts';
import { RateLimits } from '../host/rateLimits';
import { Settings } from '../host/settings';
import { SignIns } from '../host/signIns';
import { TextDocuments } from '../host/textDocuments';
import { readGitFacts } from '../targets/folder/gitFacts';
import { LocalFiles } from '../targets/folder/localFiles';
import { FolderSink } from '../targets/folder/folderSink';
import { pathInFolder } from '../targets/folder/ownFolder';
import { readWholeFile, writeWholeFile } from '../targets/folder/wholeFile';
import { HelmChart } from '../targets/folder/helmChart';
import { layoutBackup } from '../targets/layout/layoutBackup';
import { SignInQuestions } from '../transport/signInQuestions';
import { ArtifactTreeProvider } from '../views/artifactTreeProvider';
import { newClouds } from './clouds';
import { newAccounts, newCredentials, watchSignIns } from './credentials';
import { newPages } from './pages';
import { registryOpener } from './registries';
import { newTransfers } from './transfers';
import { pinger, transportFactory } from './transports';
import { collectUnused } from './unusedContent';

const VIEW_ID = 'ociArtifacts.registries';

type Place = { readonly host: string; readonly repository: string };

/** What commands read from and write to on this machine. */
const disk: Pick<
  Services,
  | 'newFileSource'
  | 'newFileSink'
  | 'readWholeFile'
  | 'writeWholeFile'
  | 'pathInFolder'
  | 'gitFacts'
  | 'isChart'
  | 'openChart'
> = {
  newFileSource: (options) => new LocalFiles(options),
  readWholeFile,
  writeWholeFile,
  pathInFolder,
  gitFacts: async (folder, options) => (vscode.workspace.isTrusted ? readGitFacts(folder, options) : {}),
  newFileSink: (folder, keeper) => new FolderSink(folder, keeper && { keeper }),
  isChart: (file, options) => HelmChart.isChart(file, options),
  openChart: (file, options) => HelmChart.open(file, options),
};

/** What extension.ts hands on to what it has registered by then. */
export interface Started {
  /** What a command throws is shown, and not thrown. `args` as VS Code gives them. */
  readonly runCommand: (id: CommandId, args: readonly unknown[]) => Promise<unknown>;
  readonly tasks: vscode.TaskProvider;
}

/** Builds the objects and wires them; all of them end with the window. */
export function start(context: vscode.ExtensionContext): Started {
  const log = vscode.window.createOutputChannel('OCI Artifacts', { log: true });
  const settings = new Settings();
  const rateLimits = new RateLimits();
  const newTransport = transportFactory({ context, settings, log, rateLimits });
  const ping = pinger(newTransport);
  const anonymous = newTransport({ credentialFor: async () => undefined });
  const clouds = newClouds({ context, settings, anonymous, ping });
  const accounts = newAccounts(context);
  const credentials = newCredentials(settings, accounts, clouds.sources);
  const transport = newTransport(credentials);
  const forget = (host: string) => transport.forget(host);
  const signIns = new SignIns({ credentials, accounts, choice: settings, ways: clouds.ways, forget, ping });
  const localRegistry = new LocalRegistry({
    program: context.asAbsolutePath('dist/localRegistry.js'),
    onOutput: (line) => logLine(log, 'warn', `Local registry: ${oneLine(line)}`),
    onChange: () => tree.update(),
  });
  const layouts = new OpenLayouts({ state: context.workspaceState, onChange: () => tree.update() });
  const listChoices = new ListChoices(context.globalState);
  const questions = new SignInQuestions((question, options) => signInAgain(services, question, options));
  const { transfers, uploads } = newTransfers({ context, settings, log });
  const opening = { settings, transport, credentials, questions, uploads };
  const openRegistry = registryOpener({ ...opening, providers: clouds.providers });
  const repositoryOf = ({ host, repository }: Place) => openRegistry(host).repository(repository);
  const tree: ArtifactTreeProvider = new ArtifactTreeProvider(VIEW_ID, {
    settings,
    layouts: () => layouts.paths,
    choices: listChoices,
    open: openRegistry,
    localHost: () => localRegistry.host,
    rateLimitOf: (host) => rateLimits.describe(host),
    onFailure: (what, error) => logError(log, what, error),
  });
  const pages = newPages({ extensionUri: context.extensionUri, repositoryOf, services: () => services });
  const documents = { texts: new TextDocuments(), drafts: new ManifestDrafts() };
  const services: Services = {
    settings,
    log,
    signIns,
    tree,
    listChoices,
    localRegistry,
    layouts,
    transfers,
    openRegistry,
    newBackup: layoutBackup,
    collectUnused,
    state: context.globalState,
    workspaceState: context.workspaceState,
    localRegistryRoot: vscode.Uri.joinPath(context.globalStorageUri, 'registry').fsPath,
    ...disk,
    ...documents,
    ...pages.openers,
  };
  const signInChanges = watchSignIns(context, { accounts, settings, signIns, transport, tree });
  context.subscriptions.push(log, localRegistry, tree, pages, signInChanges, ...Object.values(documents));
  context.subscriptions.push(registerDefinitionLenses(), watchLayoutFolders());
  return { runCommand: (id, args) => runCommand(services, id, args), tasks: definitionTasks(services) };
}
