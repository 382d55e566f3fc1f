import type { Credential } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import type { CredentialStore } from './credentialStore';
import { canonicalHost } from './serverKey';

const KEY_PREFIX = 'oci-artifacts.credential:';

/** Where secrets are kept by key; VS Code's SecretStorage is one. */
export interface SecretKeep {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

/** Credentials as one secret a host, under `oci-artifacts.credential:<host>`. Errors: CredentialStoreError. */
export class SecretStore implements CredentialStore {
  readonly id = 'secretStorage';
  readonly label = 'VS Code secret storage';

  constructor(private readonly keep: SecretKeep) {}

  async get(host: string, options: WaitOptions = {}): Promise<Credential | undefined> {
    const text = await this.waitFor(() => this.keep.get(keyOf(host)), options);
    if (text === undefined) return undefined;
    const credential = credentialFrom(text);
    if (credential === undefined) {
      throw new CredentialStoreError(this.label, `the secret for ${host} is not a credential; sign in again`);
    }
    return credential;
  }

  async set(host: string, credential: Credential, options: WaitOptions = {}): Promise<void> {
    await this.waitFor(() => this.keep.store(keyOf(host), JSON.stringify(credential)), options);
  }

  async remove(host: string, options: WaitOptions = {}): Promise<boolean> {
    const text = await this.waitFor(() => this.keep.get(keyOf(host)), options);
    if (text === undefined) return false;
    await this.waitFor(() => this.keep.delete(keyOf(host)), options);
    return true;
  }

  async placeFor(): Promise<string> {
    return this.label;
  }

  private async waitFor<T>(work: () => PromiseLike<T>, { signal }: WaitOptions): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw new CredentialStoreError(this.label, 'the secret storage does not answer', { cause: error });
    }
  }
}

function keyOf(host: string): string {
  return KEY_PREFIX + canonicalHost(host);
}

function credentialFrom(text: string): Credential | undefined {
  const { kind, username, password, token } = fieldsOf(text);
  if (kind === 'basic' && typeof username === 'string' && typeof password === 'string') {
    return { kind, username, password };
  }
  if (typeof token !== 'string') return undefined;
  if (kind === 'registryToken') return { kind, token };
  if (kind !== 'identityToken') return undefined;
  return { kind, token, ...(typeof username === 'string' && { username }) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
