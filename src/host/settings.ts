import * as vscode from 'vscode';
import type { CredentialSourceId } from '../credentials/credentialStore';
import { InvalidContentError } from '../oci/errors';
import type { RegistryKind } from '../oci/registryProfile';
import type { TransferLimits } from '../oci/transferStore';
import type { Endpoint } from '../transport/transport';
import { Endpoints } from './endpoints';
import { expandHome } from './expandHome';
import { readMachineEntries, withMachine, type MachineSettings } from './machineEntries';
import { MissingFiles, type MissingFile } from './missingFiles';
import { isEntry, plainProblems, readRegistryEntries, type SettingProblem } from './registryEntries';

/** One entry of `ociArtifacts.registries`. */
export interface RegistrySettings {
  /** `host[:port]`. */
  readonly host: string;
  readonly plainHttp?: boolean;
  readonly insecure?: boolean;
  /** PEM file with certificate authorities. */
  readonly caFile?: string;
  /** PEM file with the certificate that shows the registry who connects (mTLS). */
  readonly clientCert?: string;
  /** PEM file with its key, unencrypted; by default the key is in the file of the certificate. */
  readonly clientKey?: string;
  /** Extra headers for the registry's own origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** `address` or `address:port` to connect to in place of the host. */
  readonly resolve?: string;
  /** Repositories to show where the registry cannot list them. */
  readonly repositories?: readonly string[];
  /** What kind of registry it is, where its host does not tell. */
  readonly kind?: RegistryKind;
  /** Organizations or projects to list within, where the registry lists no other way. */
  readonly namespaces?: readonly string[];
  /** Name of the AWS profile that signs in to it, for Amazon ECR. */
  readonly awsProfile?: string;
  /** AWS region of an ECR registry, where its host does not tell. */
  readonly awsRegion?: string;
  /** The account to use where there are several: a user name. */
  readonly account?: string;
}

export type CredentialStoreChoice = 'ask' | 'dockerConfig' | 'secretStorage';

const SECTION = 'ociArtifacts';
const HOST_NAME = /^[a-z0-9][a-z0-9.-]*$/i;
/** Settings that count for every registry. */
const FOR_ALL = ['caFile', 'credentialOrder'];

/**
 * Reads and writes the user's settings. Only user-level values count for anything that touches security: a workspace
 * value is never read.
 */
export class Settings {
  private readonly endpoints = new Endpoints();
  private readonly missing = new MissingFiles();

  get registries(): readonly RegistrySettings[] {
    return readRegistryEntries(this.userValue('registries')).entries;
  }

  /** What of the user's settings is not understood. */
  get problems(): readonly SettingProblem[] {
    return [
      ...readRegistryEntries(this.userValue('registries')).problems,
      ...readMachineEntries(this.userValue('machine')).problems,
      ...plainProblems({
        caFile: this.userValue('caFile'),
        credentialOrder: this.userValue('credentialOrder'),
      }),
    ];
  }

  get credentialStore(): CredentialStoreChoice {
    return this.userValue<CredentialStoreChoice>('credentialStore') ?? 'ask';
  }

  /** The sources to ask for credentials, in their order; one that is not named is not asked. */
  get credentialOrder(): readonly CredentialSourceId[] {
    const order = this.userValue<unknown>('credentialOrder');
    const known = Array.isArray(order) ? order : this.defaultValue<readonly unknown[]>('credentialOrder');
    // A name that no source has is harmless: nothing answers to it.
    return (known ?? []).filter((id) => typeof id === 'string') as CredentialSourceId[];
  }

  get concurrency(): number {
    return vscode.workspace.getConfiguration(SECTION).get<number>('concurrency', 5);
  }

  /** The largest body that a push sends, in bytes; undefined for no limit. */
  get chunkBytes(): number | undefined {
    const megabytes = this.userValue<number>('chunkSizeMB') ?? 0;
    return megabytes > 0 ? Math.floor(megabytes * 1e6) : undefined;
  }

  /** What is kept of transfers that stopped. */
  get transferLimits(): TransferLimits {
    const days = this.userValue<number>('transfers.keepDays') ?? 7;
    const gigabytes = this.userValue<number>('transfers.keepGB') ?? 10;
    return { maxAgeMs: days * 24 * 3600 * 1000, maxBytes: gigabytes * 1e9 };
  }

  get localRegistryPort(): number {
    return this.userValue<number>('localRegistry.port') ?? 5000;
  }

  /** Host names, without a port, under which the local registry answers besides those of loopback. */
  get localRegistryHostNames(): readonly string[] {
    const value = this.userValue<unknown>('localRegistry.hostNames');
    const names: readonly unknown[] = Array.isArray(value) ? value : [];
    return names.filter((name): name is string => typeof name === 'string' && HOST_NAME.test(name));
  }

  /** The folder the local registry keeps its repositories in; empty for the extension's own storage. */
  get localRegistryFolder(): string {
    return expandHome(this.userValue<string>('localRegistry.folder') ?? '');
  }

  registry(host: string): RegistrySettings {
    return this.registries.find((entry) => entry.host === host) ?? { host };
  }

  /** How this machine reaches a registry, where it has a way of its own. */
  machineOf(host: string): MachineSettings | undefined {
    return readMachineEntries(this.userValue('machine')).entries.get(host);
  }

  /** The files of a registry's entry that this machine lacks, as last seen; calls back where that has changed. */
  missingFiles(host: string, onChange: () => void): readonly MissingFile[] {
    return this.missing.lastKnown(this.registry(host), this.machineOf(host), onChange);
  }

  /** How a registry is reached. Errors: FileError for a file, InvalidContentError for a setting. */
  async endpointFor(host: string): Promise<Endpoint> {
    const entry = withMachine(this.registry(host), this.machineOf(host));
    const caFile = this.userValue<unknown>('caFile');
    return this.endpoints.endpointOf(entry, typeof caFile === 'string' ? caFile : undefined);
  }

  /** Changes how this machine reaches a registry. Errors: InvalidContentError where the entry is not understood. */
  async updateMachine(host: string, change: MachineSettings): Promise<void> {
    const value = this.userValue<Readonly<Record<string, unknown>>>('machine') ?? {};
    const problem = readMachineEntries(value).problems.find(({ id }) =>
      ['machine', `machine[${host}]`].includes(id),
    );
    if (problem)
      throw new InvalidContentError(`The setting ${SECTION}.machine`, 'it is not understood as it stands');
    await this.write('machine', { ...value, [host]: { ...this.machineOf(host), ...change } });
  }

  /** Adds a registry or changes the given members of its entry. Errors: InvalidContentError, see `rewrite`. */
  async updateRegistry(change: RegistrySettings): Promise<void> {
    const known = this.registries.some(({ host }) => host === change.host);
    if (known)
      return this.rewrite((entry) => (entry.host === change.host ? [{ ...entry, ...change }] : [entry]));
    await this.rewrite((entry) => [entry], [change]);
  }

  /** Sets the AWS profile of a registry; undefined leaves it to what AWS's tools would use. */
  async chooseAwsProfile(host: string, awsProfile: string | undefined): Promise<void> {
    if (awsProfile !== undefined) return this.updateRegistry({ host, awsProfile });
    await this.dropMember(host, 'awsProfile');
  }

  /** The account chosen for a registry. */
  accountFor(host: string): string | undefined {
    return this.registry(host).account;
  }

  /** Sets the account to use for a registry; undefined leaves it to the order of the sources. */
  async chooseAccount(host: string, account: string | undefined): Promise<void> {
    if (this.accountFor(host) === account) return;
    if (account !== undefined) return this.updateRegistry({ host, account });
    await this.dropMember(host, 'account');
  }

  async removeRegistry(host: string): Promise<void> {
    await this.rewrite((entry) => (entry.host === host ? [] : [entry]));
  }

  /** Calls back after each change; `concernsAll` where it changes how every registry is reached. */
  onDidChange(listener: (change: { readonly concernsAll: boolean }) => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      const concerns = (name: string) => event.affectsConfiguration(`${SECTION}.${name}`);
      if (event.affectsConfiguration(SECTION)) listener({ concernsAll: FOR_ALL.some(concerns) });
    });
  }

  private async dropMember(host: string, name: 'account' | 'awsProfile'): Promise<void> {
    await this.rewrite((entry) => {
      const others = Object.entries(entry).filter(([member]) => member !== name);
      return entry.host === host ? [Object.fromEntries(others)] : [entry];
    });
  }

  /** Changes the entries that are understood; the others stay as they are. Errors: InvalidContentError for no list. */
  private async rewrite(
    change: (entry: RegistrySettings) => readonly unknown[],
    added: readonly RegistrySettings[] = [],
  ): Promise<void> {
    const value = this.userValue<unknown>('registries') ?? [];
    if (!Array.isArray(value))
      throw new InvalidContentError(`The setting ${SECTION}.registries`, 'it is no list');
    const entries = value.flatMap((entry: unknown) => (isEntry(entry) ? change(entry) : [entry]));
    await this.write('registries', [...entries, ...added]);
  }

  /** As it stands in the user's file, else the default. A `null` counts: it is no value that was left out. */
  private userValue<T>(name: string): T | undefined {
    const user = vscode.workspace.getConfiguration(SECTION).inspect<T>(name)?.globalValue;
    return user === undefined ? this.defaultValue(name) : user;
  }

  private defaultValue<T>(name: string): T | undefined {
    return vscode.workspace.getConfiguration(SECTION).inspect<T>(name)?.defaultValue;
  }

  private async write(name: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration(SECTION).update(name, value, vscode.ConfigurationTarget.Global);
  }
}
