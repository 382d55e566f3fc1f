import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { registryProblem } from '../oci/reference';
import type { RegistryKind } from '../oci/registryProfile';
import type { Endpoint } from '../transport/transport';
import { Endpoints } from './endpoints';

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
}

export type CredentialStoreChoice = 'ask' | 'dockerConfig' | 'secretStorage';

const SECTION = 'ociArtifacts';

/**
 * Reads and writes the user's settings. Only user-level values count for anything that touches security: a workspace
 * value is never read.
 */
export class Settings {
  private readonly endpoints = new Endpoints();

  get registries(): readonly RegistrySettings[] {
    const entries = this.userValue<unknown>('registries');
    return Array.isArray(entries) ? entries.filter(isRegistrySettings) : [];
  }

  get credentialStore(): CredentialStoreChoice {
    return this.userValue<CredentialStoreChoice>('credentialStore') ?? 'ask';
  }

  get concurrency(): number {
    return vscode.workspace.getConfiguration(SECTION).get<number>('concurrency', 5);
  }

  get localRegistryPort(): number {
    return this.userValue<number>('localRegistry.port') ?? 5000;
  }

  /** The folder the local registry keeps its repositories in; empty for the extension's own storage. */
  get localRegistryFolder(): string {
    return expandHome(this.userValue<string>('localRegistry.folder') ?? '');
  }

  registry(host: string): RegistrySettings {
    return this.registries.find((entry) => entry.host === host) ?? { host };
  }

  /** How a registry is reached. Errors: FileError for a file, InvalidContentError for a setting. */
  async endpointFor(host: string): Promise<Endpoint> {
    return this.endpoints.endpointOf(this.registry(host), this.userValue<string>('caFile'));
  }

  /** Adds a registry or changes the given members of its entry. */
  async updateRegistry(change: RegistrySettings): Promise<void> {
    const entries = this.registries;
    const known = entries.some(({ host }) => host === change.host);
    await this.write(
      'registries',
      known
        ? entries.map((entry) => (entry.host === change.host ? { ...entry, ...change } : entry))
        : [...entries, change],
    );
  }

  /** Sets the AWS profile of a registry; undefined leaves it to what AWS's tools would use. */
  async chooseAwsProfile(host: string, awsProfile: string | undefined): Promise<void> {
    if (awsProfile !== undefined) return this.updateRegistry({ host, awsProfile });
    const entries = this.registries.map(({ awsProfile: chosen, ...rest }) => {
      return rest.host === host || chosen === undefined ? rest : { ...rest, awsProfile: chosen };
    });
    await this.write('registries', entries);
  }

  async removeRegistry(host: string): Promise<void> {
    await this.write(
      'registries',
      this.registries.filter((entry) => entry.host !== host),
    );
  }

  onDidChange(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) listener();
    });
  }

  private userValue<T>(name: string): T | undefined {
    const found = vscode.workspace.getConfiguration(SECTION).inspect<T>(name);
    return found?.globalValue ?? found?.defaultValue;
  }

  private async write(name: string, value: unknown): Promise<void> {
    await vscode.workspace.getConfiguration(SECTION).update(name, value, vscode.ConfigurationTarget.Global);
  }
}

function expandHome(file: string): string {
  return file.startsWith('~/') ? path.join(os.homedir(), file.slice(2)) : file;
}

function isRegistrySettings(value: unknown): value is RegistrySettings {
  if (typeof value !== 'object' || value === null || !('host' in value)) return false;
  return typeof value.host === 'string' && registryProblem(value.host) === undefined;
}
