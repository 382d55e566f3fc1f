import { accountOf, type Credential, type CredentialQuery } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import type { AccountStore, StoredAccount } from './credentialStore';
import { canonicalHost } from './serverKey';

const KEY_PREFIX = 'oci-artifacts.credential:';

/** Where secrets are kept by key; VS Code's SecretStorage is one. */
export interface SecretKeep {
  keys(): PromiseLike<readonly string[]>;
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

/** A secret as it is kept. Those of before there were several accounts have no time and the host alone as key. */
interface Secret {
  readonly key: string;
  readonly host: string;
  readonly name: string;
  readonly signedInAtMs: number;
  readonly credential: Credential;
}

/**
 * Credentials as one secret an account, under `oci-artifacts.credential:<host>/<account>`: windows that sign in at the
 * same time write different keys. The last one signed in counts. Errors: CredentialStoreError.
 */
export class SecretStore implements AccountStore {
  readonly id = 'secretStorage';
  readonly label = 'VS Code secret storage';

  constructor(
    private readonly keep: SecretKeep,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async get(host: string, options: CredentialQuery = {}): Promise<Credential | undefined> {
    const keys = await this.keysOf(host, options);
    const secrets = await this.read(keys, options);
    const wanted = secrets.find(({ name }) => name === options.account) ?? secrets[0];
    if (!wanted && keys.length > 0) {
      throw new CredentialStoreError(this.label, `the secret for ${host} is not a credential; sign in again`);
    }
    return wanted?.credential;
  }

  async set(host: string, credential: Credential, options: WaitOptions = {}): Promise<void> {
    const key = keyOf(host, accountOf(credential));
    const known = await this.read(await this.keysOf(host, options), options);
    // Later than any other, also when the clock went back.
    const signedInAtMs = Math.max(this.nowMs(), 1 + (known[0]?.signedInAtMs ?? 0));
    await this.waitFor(() => this.keep.store(key, JSON.stringify({ ...credential, signedInAtMs })), options);
    const replaced = known.filter((secret) => secret.name === accountOf(credential) && secret.key !== key);
    await this.delete(
      replaced.map((secret) => secret.key),
      options,
    );
  }

  async remove(host: string, options: WaitOptions = {}): Promise<boolean> {
    return this.delete(await this.keysOf(host, options), options);
  }

  async accounts(host?: string, options: WaitOptions = {}): Promise<readonly StoredAccount[]> {
    const secrets = await this.read(await this.keysOf(host, options), options);
    return secrets.map((secret) => ({ host: secret.host, name: secret.name }));
  }

  async removeAccount({ host, name }: StoredAccount, options: WaitOptions = {}): Promise<boolean> {
    const secrets = await this.read(await this.keysOf(host, options), options);
    return this.delete(
      secrets.filter((secret) => secret.name === name).map(({ key }) => key),
      options,
    );
  }

  async placeFor(): Promise<string> {
    return this.label;
  }

  private async keysOf(host: string | undefined, options: WaitOptions): Promise<readonly string[]> {
    const keys = await this.waitFor(() => this.keep.keys(), options);
    const ours = keys.filter((key) => key.startsWith(KEY_PREFIX));
    return host === undefined ? ours : ours.filter((key) => hostOf(key) === canonicalHost(host));
  }

  /** The last one signed in first; what is not a credential is left out. */
  private async read(keys: readonly string[], options: WaitOptions): Promise<readonly Secret[]> {
    const texts = await this.waitFor(() => Promise.all(keys.map((key) => this.keep.get(key))), options);
    const secrets = keys.flatMap((key, at) => secretFrom(key, texts[at] ?? '') ?? []);
    return secrets.sort((a, b) => b.signedInAtMs - a.signedInAtMs);
  }

  private async delete(keys: readonly string[], options: WaitOptions): Promise<boolean> {
    for (const key of keys) await this.waitFor(() => this.keep.delete(key), options);
    return keys.length > 0;
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

function keyOf(host: string, account: string): string {
  return `${KEY_PREFIX}${canonicalHost(host)}/${account}`;
}

/** The host of a key: a host has no slash, what follows the first is the account. */
function hostOf(key: string): string {
  return key.slice(KEY_PREFIX.length).split('/', 1)[0] ?? '';
}

function secretFrom(key: string, text: string): Secret | undefined {
  const fields = fieldsOf(text);
  const credential = credentialFrom(fields);
  if (!credential) return undefined;
  const { signedInAtMs } = fields;
  return {
    key,
    host: hostOf(key),
    name: accountOf(credential),
    signedInAtMs: typeof signedInAtMs === 'number' ? signedInAtMs : 0,
    credential,
  };
}

function credentialFrom(fields: Readonly<Record<string, unknown>>): Credential | undefined {
  const { kind, username, password, token } = fields;
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
