import path from 'node:path';
import type { Credential, CredentialQuery } from '../oci/credential';
import { variable, type CredentialEnvironment } from './credentialEnvironment';
import type { HelperOptions } from './credentialHelper';
import type { CredentialSource, FoundCredential } from './credentialStore';
import { DockerConfigStore } from './dockerConfigStore';

/**
 * Where `helm registry login` keeps logins: `$HELM_REGISTRY_CONFIG`, else `registry/config.json` of Helm's config folder.
 * Source: helm(1), "Environment variables" and the table of default folders.
 */
export function helmConfigPath(environment: CredentialEnvironment): string {
  const named = variable(environment, 'HELM_REGISTRY_CONFIG');
  return named ?? path.join(helmFolder(environment), 'registry', 'config.json');
}

/**
 * The logins of Helm, in a file like docker's that only Helm writes; only read here. Helm itself reads the docker config
 * too, so that writing that one is enough. Errors: CredentialStoreError naming the file or helper.
 */
export class HelmConfig implements CredentialSource {
  readonly id = 'helm';
  readonly label = 'Helm config';
  readonly location: string;

  private readonly config: DockerConfigStore;

  constructor(helperOptions: HelperOptions) {
    this.location = helmConfigPath(helperOptions.environment);
    this.config = new DockerConfigStore(helperOptions, this.location);
  }

  get(host: string, query?: CredentialQuery): Promise<Credential | undefined> {
    return this.config.get(host, query);
  }

  find(host: string, query?: CredentialQuery): Promise<FoundCredential | undefined> {
    return this.config.find(host, query);
  }
}

function helmFolder(environment: CredentialEnvironment): string {
  const named = variable(environment, 'HELM_CONFIG_HOME');
  if (named !== undefined) return named;
  const shared = variable(environment, 'XDG_CONFIG_HOME') ?? platformFolder(environment);
  return path.join(shared, 'helm');
}

function platformFolder(environment: CredentialEnvironment): string {
  const { platform, homeFolder } = environment;
  if (platform === 'darwin') return path.join(homeFolder, 'Library', 'Preferences');
  if (platform !== 'win32') return path.join(homeFolder, '.config');
  return variable(environment, 'APPDATA') ?? path.join(homeFolder, 'AppData', 'Roaming');
}
