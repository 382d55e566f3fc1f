import type { Credential } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import { CredentialHelper, type HelperOptions } from './credentialHelper';
import type { CredentialStore } from './credentialStore';
import { authOfCredential, credentialOfAuth } from './dockerAuth';
import { removeAuths, setAuth } from './dockerConfigEdit';
import {
  dockerConfigPath,
  parseDockerConfig,
  readDockerConfigText,
  type DockerConfig,
} from './dockerConfigFile';
import { replaceText } from './replaceText';
import { matchingKeys, serverKeyOf } from './serverKey';

/**
 * The docker config that `docker` and `oras` share, read and written as they do: `credHelpers[host]`, else
 * `credsStore`, else `auths`. Read afresh at each call, since others write it too. Errors: CredentialStoreError
 * naming the file or helper; a config that is not JSON is never written.
 */
export class DockerConfigStore implements CredentialStore {
  readonly id = 'dockerConfig';
  readonly label = 'Docker config';

  private readonly file: string;

  constructor(
    private readonly helperOptions: HelperOptions,
    file?: string,
  ) {
    this.file = file ?? dockerConfigPath(helperOptions.environment);
  }

  async get(host: string, options?: WaitOptions): Promise<Credential | undefined> {
    const config = await this.read(options);
    const helper = this.helperFor(host, config);
    return helper ? helper.get(serverKeyOf(host), options) : this.authFor(host, config);
  }

  async set(host: string, credential: Credential, options?: WaitOptions): Promise<void> {
    const key = serverKeyOf(host);
    const helper = this.helperFor(host, await this.read(options));
    if (helper) return helper.store(key, credential, options);
    const auth = authOfCredential(credential, this.file);
    await this.change((text) => setAuth(text, key, auth, this.file), options);
  }

  /** Takes it from the helper in force, and from `auths`, where one from before the helper may still stand. */
  async remove(host: string, options?: WaitOptions): Promise<boolean> {
    const config = await this.read(options);
    const fromHelper = await this.removeFromHelper(host, config, options);
    if (matchingKeys(config.auths.keys(), host).length === 0) return fromHelper;
    const fromFile = await this.change((text, { auths }) => {
      return removeAuths(text, matchingKeys(auths.keys(), host), this.file);
    }, options);
    return fromHelper || fromFile;
  }

  async placeFor(host: string, options?: WaitOptions): Promise<string> {
    return this.helperFor(host, await this.read(options))?.label ?? this.file;
  }

  private async removeFromHelper(
    host: string,
    config: DockerConfig,
    options?: WaitOptions,
  ): Promise<boolean> {
    const helper = this.helperFor(host, config);
    if (!(await helper?.get(serverKeyOf(host), options))) return false;
    await helper?.erase(serverKeyOf(host), options);
    return true;
  }

  private async read(options?: WaitOptions): Promise<DockerConfig> {
    return parseDockerConfig(await readDockerConfigText(this.file, options), this.file);
  }

  private change(
    edit: (text: string, config: DockerConfig) => string,
    options?: WaitOptions,
  ): Promise<boolean> {
    return replaceText(this.file, (text) => edit(text, parseDockerConfig(text, this.file)), options);
  }

  private helperFor(host: string, { credHelpers, credsStore }: DockerConfig): CredentialHelper | undefined {
    const [key] = matchingKeys(credHelpers.keys(), host);
    // An empty name is an answer: no helper for this host.
    const name = key === undefined ? credsStore : credHelpers.get(key);
    return name ? new CredentialHelper(name, this.helperOptions) : undefined;
  }

  private authFor(host: string, { auths }: DockerConfig): Credential | undefined {
    const [key] = matchingKeys(auths.keys(), host);
    return key === undefined ? undefined : credentialOfAuth(auths.get(key), this.file, key);
  }
}
