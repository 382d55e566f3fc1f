import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { variable, type CredentialEnvironment } from './credentialEnvironment';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** True for a helper name that cannot lead to another folder or be read as an option. */
export function isHelperName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Folders to look for helpers in: those of PATH, then where installers put helpers that a desktop program's PATH
 * often lacks. Relative folders are left out: they would depend on where the program was started.
 */
export function helperFolders(environment: CredentialEnvironment): readonly string[] {
  const separator = environment.platform === 'win32' ? ';' : ':';
  const listed = (variable(environment, 'PATH') ?? '').split(separator);
  const folders = [...listed, ...usualFolders(environment)].filter((folder) => path.isAbsolute(folder));
  return [...new Set(folders)];
}

/** The path of the program of a helper (`docker-credential-<name>`); undefined when there is none. */
export async function findHelper(
  name: string,
  environment: CredentialEnvironment,
): Promise<string | undefined> {
  const file = `docker-credential-${name}${suffixFor(name, environment.platform)}`;
  for (const folder of helperFolders(environment)) {
    const candidate = path.join(folder, file);
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

function usualFolders({ platform, homeFolder, variables }: CredentialEnvironment): readonly string[] {
  if (platform === 'win32') {
    const programs = variables['ProgramFiles'] ?? 'C:\\Program Files';
    return [path.join(programs, 'Docker', 'Docker', 'resources', 'bin')];
  }
  const common = ['/usr/local/bin', '/opt/homebrew/bin', path.join(homeFolder, '.local', 'bin')];
  const desktop = [path.join(homeFolder, '.docker', 'bin')];
  const macDesktop = platform === 'darwin' ? ['/Applications/Docker.app/Contents/Resources/bin'] : [];
  return [...common, ...desktop, ...macDesktop];
}

function suffixFor(name: string, platform: NodeJS.Platform): string {
  return platform === 'win32' && !name.toLowerCase().endsWith('.exe') ? '.exe' : '';
}

/** True for a file that may be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
