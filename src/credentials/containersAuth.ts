import path from 'node:path';
import type { Credential, CredentialQuery } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import { authEntry } from './authEntry';
import { variable, type CredentialEnvironment } from './credentialEnvironment';
import { CredentialHelper, type HelperOptions } from './credentialHelper';
import type { CredentialSource, FoundCredential } from './credentialStore';
import { parseDockerConfig, readDockerConfigText, type DockerConfig } from './dockerConfigFile';
import { canonicalHost, matchingKeys, narrowerKeys } from './serverKey';

/**
 * The files that podman, buildah and skopeo log in to, in the order in which they look: `REGISTRY_AUTH_FILE` alone, or
 * `$XDG_RUNTIME_DIR/containers/auth.json` (Linux) and `containers/auth.json` of the config folder. Without the variable,
 * which a remote editor often lacks, the user's runtime folder is where systemd and podman make it.
 * Source: containers-auth.json(5), podman-login(1).
 */
export function containersAuthFiles(environment: CredentialEnvironment): readonly string[] {
  const named = variable(environment, 'REGISTRY_AUTH_FILE');
  if (named !== undefined) return [named];
  const config = variable(environment, 'XDG_CONFIG_HOME') ?? path.join(environment.homeFolder, '.config');
  const inConfig = path.join(config, 'containers', 'auth.json');
  return [...new Set([...runtimeFiles(environment), inConfig])];
}

function runtimeFiles(environment: CredentialEnvironment): readonly string[] {
  const { platform, userId } = environment;
  if (platform !== 'linux') return [];
  const folder = variable(environment, 'XDG_RUNTIME_DIR');
  if (folder !== undefined) return [path.join(folder, 'containers', 'auth.json')];
  if (userId === undefined) return [];
  return [`/run/user/${userId}/containers/auth.json`, `/run/containers/${userId}/auth.json`];
}

/**
 * What `podman login` and `skopeo login` keep; only read. As they do, a helper for the host comes before `auths`, and
 * of those the narrowest key that covers the repository; Docker Hub's is `docker.io` before its addresses. Errors: CredentialStoreError naming the file or helper.
 */
export class ContainersAuth implements CredentialSource {
  readonly id = 'containersAuth';
  readonly label = 'auth.json of podman and skopeo';
  readonly location: string;

  private readonly files: readonly string[];

  constructor(private readonly helperOptions: HelperOptions) {
    this.files = containersAuthFiles(helperOptions.environment);
    this.location = this.files.join(', ');
  }

  async get(host: string, query?: CredentialQuery): Promise<Credential | undefined> {
    return (await this.find(host, query))?.credential;
  }

  async find(host: string, query?: CredentialQuery): Promise<FoundCredential | undefined> {
    for (const file of this.files) {
      const config = parseDockerConfig(await readDockerConfigText(file, query), file);
      const found = await this.findIn({ config, file }, host, query);
      if (found) return found;
    }
    return undefined;
  }

  private async findIn(
    { config, file }: { config: DockerConfig; file: string },
    host: string,
    query: CredentialQuery | undefined,
  ): Promise<FoundCredential | undefined> {
    const [helperKey] = matchingKeys(config.credHelpers.keys(), host, canonicalHost(host));
    const name = helperKey !== undefined && config.credHelpers.get(helperKey);
    if (name) return this.askHelper({ name, key: helperKey, file }, query);
    const keys = config.auths.keys();
    for (const key of [
      ...narrowerKeys(keys, host, query?.repository),
      ...matchingKeys(config.auths.keys(), host, canonicalHost(host)),
    ]) {
      const found = authEntry(config, key, file);
      if (found) return found;
    }
    return undefined;
  }

  /** These programs ask a helper by the key as it is written, for Docker Hub `docker.io`. */
  private async askHelper(
    { name, key, file }: { name: string; key: string; file: string },
    options: WaitOptions | undefined,
  ): Promise<FoundCredential | undefined> {
    const helper = new CredentialHelper(name, this.helperOptions);
    const credential = await helper.get(key, options);
    return credential && { credential, place: `${helper.label}, asked for "${key}" as ${file} says` };
  }
}
