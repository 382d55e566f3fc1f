import path from 'node:path';
import * as vscode from 'vscode';
import { askText } from '../host/askText';
import { showInformation, showWarning } from '../host/messages';
import { targetOf } from '../host/rowTarget';
import { repositoryProblem } from '../oci/reference';
import { askHost } from './askHost';
import { checkRegistry } from './checkRegistry';
import type { Command } from './services';

/** Removes a registry from the sidebar; nothing is deleted in it. */
export const removeRegistry: Command = async (services, row) => {
  const host = await askHost(services, row, 'Remove registry from the sidebar');
  if (!host) return;
  const entry = services.settings.registry(host);
  await services.settings.removeRegistry(host);
  const message = `Removed ${host} from the sidebar. Its content and your sign-in are untouched.`;
  const chosen = await showInformation(message, 'Undo');
  if (chosen === 'Undo') await services.settings.updateRegistry(entry);
};

/** Adds a repository by name, for registries that cannot list theirs. */
export const addRepository: Command = async (services, row) => {
  const host = await askHost(services, row, 'Add repository: registry');
  if (!host) return;
  const name = await askText({
    title: `Add repository of ${host}`,
    prompt: 'Repository name without the registry, e.g. team/policies',
    ignoreFocusOut: true,
    validateInput: (text) => text && repositoryProblem(text),
  });
  if (!name) return;
  const { repositories = [] } = services.settings.registry(host);
  await services.settings.updateRegistry({ host, repositories: [...new Set([...repositories, name])] });
  services.tree.refreshHost(host);
  await services.tree.reveal({ registry: host, repository: name });
};

/** Speaks plain HTTP to a registry from now on. */
export const usePlainHttp: Command = async (services, row) => {
  const host = targetOf(row)?.host;
  if (
    !host ||
    !(await confirm(
      `Use plain HTTP for ${host}?`,
      'What is sent, passwords included, can be read on the way.',
    ))
  )
    return;
  await services.settings.updateRegistry({ host, plainHttp: true });
  await checkRegistry(services, host);
};

/** Accepts any certificate of a registry from now on. */
export const skipVerification: Command = async (services, row) => {
  const host = targetOf(row)?.host;
  const detail = 'Anyone on the way can pretend to be this registry. A CA file is the safer way.';
  if (!host || !(await confirm(`Skip certificate verification for ${host}?`, detail))) return;
  await services.settings.updateRegistry({ host, insecure: true });
  await checkRegistry(services, host);
};

/** Trusts the certificate authorities of a PEM file for a registry. */
export const chooseCaFile: Command = async (services, row) => {
  const host = targetOf(row)?.host;
  if (!host) return;
  const caFile = await choosePem(`Certificate authority of ${host}`, 'Trust this CA file');
  if (!caFile) return;
  await services.settings.updateMachine(host, { caFile });
  await checkRegistry(services, host);
};

/** Shows a client certificate to a registry from now on (mTLS). */
export const chooseClientCertificate: Command = async (services, row) => {
  const host = targetOf(row)?.host;
  if (!host) return;
  const clientCert = await choosePem(`Client certificate for ${host} (1/2)`, 'Use this certificate');
  const clientKey =
    clientCert && (await choosePem(`Private key of ${path.basename(clientCert)} (2/2)`, 'Use this key'));
  if (!clientCert || !clientKey) return;
  await services.settings.updateMachine(host, { clientCert, clientKey });
  await checkRegistry(services, host);
};

async function choosePem(title: string, openLabel: string): Promise<string | undefined> {
  const filters = { 'PEM files': ['pem', 'crt', 'cer', 'key'], 'All files': ['*'] };
  const [file] = (await vscode.window.showOpenDialog({ title, openLabel, filters })) ?? [];
  return file?.fsPath;
}

async function confirm(message: string, detail: string): Promise<boolean> {
  return (await showWarning(message, { modal: true, detail }, 'Continue')) === 'Continue';
}
