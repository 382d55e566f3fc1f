import { accountOf, type Credential, type CredentialQuery } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import { LimitedCalls, type LimitedCallsOptions } from '../oci/limitedCalls';
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

  private readonly calls: LimitedCalls;

  /** `onSilent` is called when the keep does not answer in time. */
  constructor(
    private readonly keep: SecretKeep,
    private readonly nowMs: () => number = Date.now,
    limits: Omit<LimitedCallsOptions, 'tooLate'> = {},
  ) {
    const tooLate = (limitMs: number) =>
      new CredentialStoreError(this.label, `the secret storage has not answered within ${limitMs / 1000} s`);
    this.calls = new LimitedCalls({ ...limits, tooLate });
  }

  async get(host: string, options: CredentialQuery = {}): Promise<Credential | undefined> {
    const keys = await this.keysOf(host, options);
    const { secrets, failure } = await this.tryToRead(keys, options);
    const wanted = secrets.find(({ name }) => name === options.account) ?? secrets[0];
    if (!wanted && failure) throw failure;
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
    await this.waitFor(
      'store',
      () => this.keep.store(key, JSON.stringify({ ...credential, signedInAtMs })),
      options,
    );
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
    const keys = await this.keysOf(host, options);
    const named = (await this.read(keys, options)).filter((secret) => secret.name === name);
    const removed = keys.filter(
      (key) => key === keyOf(host, name) || named.some((secret) => secret.key === key),
    );
    return this.delete(removed, options);
  }

  async placeFor(): Promise<string> {
    return this.label;
  }

  private async keysOf(host: string | undefined, options: WaitOptions): Promise<readonly string[]> {
    const keys = await this.waitFor('keys', () => this.keep.keys(), options);
    const ours = keys.filter((key) => key.startsWith(KEY_PREFIX));
    return host === undefined ? ours : ours.filter((key) => hostOf(key) === canonicalHost(host));
  }

  /** The last one signed in first; what is not a credential, and what cannot be read, is left out. */
  private async read(keys: readonly string[], options: WaitOptions): Promise<readonly Secret[]> {
    return (await this.tryToRead(keys, options)).secrets;
  }

  /** One secret that cannot be decrypted hides none of the others. `failure` is that of the first. */
  private async tryToRead(
    keys: readonly string[],
    options: WaitOptions,
  ): Promise<{ readonly secrets: readonly Secret[]; readonly failure?: Error }> {
    const texts = await Promise.allSettled(
      keys.map((key) => this.waitFor(`get ${key}`, () => this.keep.get(key), options)),
    );
    options.signal?.throwIfAborted();
    const secrets = keys.flatMap((key, at) => {
      const text = texts[at];
      return (text?.status === 'fulfilled' && secretFrom(key, text.value ?? '')) || [];
    });
    const [failed] = texts.filter((text) => text.status === 'rejected');
    secrets.sort((a, b) => b.signedInAtMs - a.signedInAtMs);
    return { secrets, ...(failed && { failure: failed.reason as Error }) };
  }

  private async delete(keys: readonly string[], options: WaitOptions): Promise<boolean> {
    for (const key of keys) await this.waitFor('delete', () => this.keep.delete(key), options);
    return keys.length > 0;
  }

  private async waitFor<T>(name: string, work: () => PromiseLike<T>, options: WaitOptions): Promise<T> {
    try {
      return await this.calls.run(name, work, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof CredentialStoreError) throw error;
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
