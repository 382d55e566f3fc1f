import path from 'node:path';
import { variable, type CredentialEnvironment } from '../../credentials/credentialEnvironment';
import { helperFolders, isProgram } from '../../credentials/helperPath';

/** How the Azure CLI is started: a program, and what goes before the CLI's own arguments. */
export interface AzureCliProgram {
  readonly program: string;
  readonly args: readonly string[];
}

/** Finds `az` on PATH and in the usual folders; undefined when it is not there. */
export async function findAzureCli(environment: CredentialEnvironment): Promise<AzureCliProgram | undefined> {
  const onWindows = environment.platform === 'win32';
  const folders = [...helperFolders(environment), ...(onWindows ? windowsFolders(environment) : [])];
  for (const folder of folders) {
    const found = onWindows ? await inWindowsFolder(folder) : await inFolder(folder);
    if (found) return found;
  }
  return undefined;
}

async function inFolder(folder: string): Promise<AzureCliProgram | undefined> {
  const program = path.join(folder, 'az');
  return (await isProgram(program)) ? { program, args: [] } : undefined;
}

/**
 * `az.cmd` needs a shell, and Node starts no batch file without one. It does no more than run the Python beside its
 * folder, which is run here in its place. Source: Azure CLI, Windows installer.
 */
async function inWindowsFolder(folder: string): Promise<AzureCliProgram | undefined> {
  const program = path.join(folder, '..', 'python.exe');
  if (!(await isProgram(path.join(folder, 'az.cmd'))) || !(await isProgram(program))) return undefined;
  return { program, args: ['-IBm', 'azure.cli'] };
}

function windowsFolders(environment: CredentialEnvironment): readonly string[] {
  const roots = ['ProgramFiles', 'ProgramFiles(x86)'].map((name) => variable(environment, name));
  return roots
    .filter((root) => root !== undefined)
    .map((root) => path.join(root, 'Microsoft SDKs', 'Azure', 'CLI2', 'wbin'));
}
