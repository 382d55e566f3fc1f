import type { Credential, CredentialQuery } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import { CredentialHelper, type HelperOptions } from './credentialHelper';
import type { CredentialStore, FoundCredential } from './credentialStore';
import { authEntry } from './authEntry';
import { authOfCredential } from './dockerAuth';
import { DOCKER_AUTH_VARIABLE, DockerAuthVariable } from './dockerAuthVariable';
import { removeAuths, setAuth } from './dockerConfigEdit';
import {
  dockerConfigPath,
  parseDockerConfig,
  readDockerConfigText,
  type DockerConfig,
} from './dockerConfigFile';
import { replaceText } from './replaceText';
import { matchingKeys, narrowerKeys, serverKeyOf } from './serverKey';

/**
 * The docker config that `docker` and `oras` share, read and written as they do: `credHelpers[host]`, else
 * `credsStore`, else `auths`, and before them what `DOCKER_AUTH_CONFIG` holds. Beyond them, entries for a part of a registry (`host/team`) are read first, the narrowest
 * of all; writing is for whole hosts. Read afresh at each call, since others write it too. Errors: CredentialStoreError
 * naming the file or helper; a config that is not JSON is never written.
 */
export class DockerConfigStore implements CredentialStore {
  readonly id = 'dockerConfig';
  readonly label = 'Docker config';
  readonly location: string;
  private readonly file: string;
  /** Read before docker's own file, and before no other. */
  private readonly variable: DockerAuthVariable | undefined;

  constructor(
    private readonly helperOptions: HelperOptions,
    file?: string,
  ) {
    const { environment } = helperOptions;
    const variable = new DockerAuthVariable(environment);
    this.variable = file === undefined && variable.isSet ? variable : undefined;
    this.file = file ?? dockerConfigPath(environment);
    this.location = this.variable ? `${DOCKER_AUTH_VARIABLE}, ${this.file}` : this.file;
  }

  async get(host: string, query?: CredentialQuery): Promise<Credential | undefined> {
    return (await this.find(host, query))?.credential;
  }

  /** A variable that cannot be read is reported where nothing else has a login: docker goes on to its file then. */
  async find(host: string, query?: CredentialQuery): Promise<FoundCredential | undefined> {
    try {
      const found = this.variable?.find(host, query);
      if (found) return found;
    } catch (error) {
      const found = await this.findInConfig(host, query);
      if (found) return found;
      throw error;
    }
    return this.findInConfig(host, query);
  }

  private async findInConfig(
    host: string,
    query: CredentialQuery | undefined,
  ): Promise<FoundCredential | undefined> {
    const config = await this.read(query);
    const keys = [...config.credHelpers.keys(), ...config.auths.keys()];
    for (const key of narrowerKeys(new Set(keys), host, query?.repository)) {
      const found = await this.findNarrower(key, config, query);
      if (found) return found;
    }
    const helper = this.helperFor(host, config);
    if (helper) return this.askHelper(helper, serverKeyOf(host), query);
    const [key] = matchingKeys(config.auths.keys(), host);
    return key === undefined ? undefined : authEntry(config, key, this.file);
  }

  async set(host: string, credential: Credential, options?: WaitOptions): Promise<void> {
    this.variable?.refuse(host, 'comes before the docker config: a new login there would not count');
    const key = serverKeyOf(host);
    const helper = this.helperFor(host, await this.read(options));
    if (helper) return helper.store(key, credential, options);
    const auth = authOfCredential(credential, this.file);
    await this.change((text) => setAuth(text, key, auth, this.file), options);
  }

  /** Takes it from the helper in force, and from `auths`, where one from before the helper may still stand. */
  async remove(host: string, options?: WaitOptions): Promise<boolean> {
    const removed = await this.removeFromConfig(host, options);
    this.variable?.refuse(host, 'stays until who set the variable unsets it');
    return removed;
  }

  private async removeFromConfig(host: string, options: WaitOptions | undefined): Promise<boolean> {
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

  /** A helper for a part of a registry is asked by the key as it is written; docker knows no such keys. */
  private async findNarrower(
    key: string,
    config: DockerConfig,
    options: WaitOptions | undefined,
  ): Promise<FoundCredential | undefined> {
    const own = config.credHelpers.get(key);
    if (own) return this.askHelper(this.newHelper(own), key, options);
    const entry = authEntry(config, key, this.file);
    // An entry without a credential says that the store of the config has it.
    if (entry || own !== undefined || !config.credsStore) return entry;
    return this.askHelper(this.newHelper(config.credsStore), key, options);
  }

  private async askHelper(
    helper: CredentialHelper,
    key: string,
    options: WaitOptions | undefined,
  ): Promise<FoundCredential | undefined> {
    const credential = await helper.get(key, options);
    return credential && { credential, place: `${helper.label}, asked for "${key}" as ${this.file} says` };
  }

  private newHelper(name: string): CredentialHelper {
    return new CredentialHelper(name, this.helperOptions);
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
    return name ? this.newHelper(name) : undefined;
  }
}
