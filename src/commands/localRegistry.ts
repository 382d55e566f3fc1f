import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds';
import { showInformation, showWarning } from '../host/messages';
import { pick } from '../host/pick';
import type { Command } from './services';

const DOCKER_PORT = 5001;
const IMAGES = [
  { label: 'registry:3', description: 'distribution 3' },
  { label: 'registry:2', description: 'distribution 2.8' },
];

/** Starts the embedded registry and adds it to the sidebar. */
export const startLocalRegistry: Command = async (services) => {
  const { localRegistry, settings } = services;
  const running = localRegistry.host;
  const host = await localRegistry.start(
    settings.localRegistryFolder || services.localRegistryRoot,
    settings.localRegistryPort,
    settings.localRegistryHostNames,
  );
  await settings.updateRegistry({ host, plainHttp: true });
  services.tree.update();
  const message = running
    ? `The local registry runs at ${host} already.`
    : `The local registry runs at ${host}, for this machine only. Its content stays when it stops.`;
  void showInformation(message);
};

/** Stops the embedded registry; its content stays. */
export const stopLocalRegistry: Command = async ({ localRegistry, tree }) => {
  const { host } = localRegistry;
  await localRegistry.stop();
  tree.update();
  const message = host
    ? `Stopped the local registry at ${host}. Its content is kept.`
    : 'The local registry does not run.';
  void showInformation(message);
};

/** Runs Docker's registry image in a terminal task, where docker or podman is there. */
export const startDockerRegistry: Command = async (services) => {
  const engine = await findEngine();
  if (!engine) {
    await offerEmbedded();
    return;
  }
  const image = await pick(IMAGES, {
    title: `Start Docker's registry with ${engine}`,
  });
  if (!image) return;
  const host = `127.0.0.1:${DOCKER_PORT}`;
  await vscode.tasks.executeTask(registryTask(engine, image.label));
  await services.settings.updateRegistry({ host, plainHttp: true });
  services.tree.update();
};

async function offerEmbedded(): Promise<void> {
  const message = 'Neither docker nor podman was found. The local registry needs neither.';
  const chosen = await showWarning(message, 'Start local registry');
  if (chosen) await vscode.commands.executeCommand(commandIds.startLocalRegistry);
}

/** The first engine that answers; having the command alone is not enough. */
async function findEngine(): Promise<string | undefined> {
  for (const engine of ['docker', 'podman']) {
    const answers = await promisify(execFile)(engine, ['info'], { timeout: 10_000 }).then(
      () => true,
      () => false,
    );
    if (answers) return engine;
  }
  return undefined;
}

function registryTask(engine: string, image: string): vscode.Task {
  const args = ['run', '--rm', '--name', `oci-artifacts-${image.replace(':', '-')}`];
  const port = ['-p', `127.0.0.1:${DOCKER_PORT}:5000`, '-e', 'REGISTRY_STORAGE_DELETE_ENABLED=true'];
  const execution = new vscode.ProcessExecution(engine, [...args, ...port, `docker.io/library/${image}`]);
  const definition = { type: 'process', command: engine };
  return new vscode.Task(
    definition,
    vscode.TaskScope.Workspace,
    `Docker's registry (${image})`,
    'OCI Artifacts',
    execution,
  );
}
