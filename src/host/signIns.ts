import { isDeepStrictEqual } from 'node:util';
import type { CredentialExplanation } from '../credentials/credentialExplanation';
import type { AccountStore, CredentialLocator, CredentialStore } from '../credentials/credentialStore';
import type { SignInWay } from '../credentials/signInWay';
import { accountOf, type Credential, type CredentialQuery } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import type { PingResult } from '../oci/registryTarget';
import type { WaitOptions } from '../oci/target';

export type { CredentialExplanation, SourceStep } from '../credentials/credentialExplanation';

/** A place that keeps sign-ins, by the name that the setting uses. */
export type StoreChoice = 'dockerConfig' | 'secretStorage';

/** A sign-in that a store keeps: whose it is and where, for people. Never the secret. */
export interface Login {
  readonly store: StoreChoice;
  /** See `accountOf`. */
  readonly account: string;
  readonly place: string;
}

/** The account that the user chose for a registry. */
export interface AccountChoice {
  accountFor(host: string): string | undefined;
  chooseAccount(host: string, account: string | undefined): Promise<void>;
}

export interface SignInsOptions {
  readonly credentials: CredentialLocator;
  /** The one of `credentials.stores` that keeps several accounts a registry. */
  readonly accounts: AccountStore;
  readonly choice: AccountChoice;
  /** Asks the registry with this credential alone. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<PingResult>;
  /** Makes the client forget credentials and tokens of the host. */
  readonly forget: (host: string) => void;
  readonly ways: readonly SignInWay[];
}

/** Signing in and out as commands see it. */
export class SignIns {
  private readonly listeners = new Set<(host: string) => void>();

  constructor(private readonly options: SignInsOptions) {}

  /** Calls back after each sign-in and choice of an account, with its host, until it is disposed. */
  onDidSignIn(listener: (host: string) => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  }

  /** The ways to sign in to a host beside user name and password. */
  waysFor(host: string): readonly SignInWay[] {
    return this.options.ways.filter((way) => way.matches(host));
  }

  /** Signs in by one of `waysFor`; resolves as it does. Errors: those of the way. */
  async signInBy(way: SignInWay, host: string, options?: WaitOptions): Promise<string | undefined> {
    const place = await way.signIn(host, options);
    // An account chosen before would be used instead.
    if (place === undefined) return undefined;
    await this.options.choice.chooseAccount(host, undefined);
    this.tookSignIn(host);
    return place;
  }

  /** Asks the registry whether it takes the credential; nothing is stored. Errors: SignInRequiredError, NetworkError. */
  verify(host: string, credential: Credential, options?: WaitOptions): Promise<PingResult> {
    return this.options.ping(host, credential, options);
  }

  /**
   * Stores it in one place and sees to it that it is the one used from now on; returns that place's name for a person.
   * Errors: CredentialStoreError.
   */
  async store(host: string, credential: Credential, choice: StoreChoice): Promise<string> {
    const store = this.storeOf(choice);
    await store.set(host, credential);
    await this.putInForce(host, credential, choice);
    this.tookSignIn(host);
    return store.placeFor(host);
  }

  /** The sign-ins of a host that one store keeps. Errors: CredentialStoreError. */
  async loginsIn(choice: StoreChoice, host: string): Promise<readonly Login[]> {
    const store = this.storeOf(choice);
    const place = await store.placeFor(host);
    if (choice === 'secretStorage') {
      const accounts = await this.options.accounts.accounts(host);
      return accounts.map(({ name }) => ({ store: choice, account: name, place }));
    }
    const credential = await store.get(host);
    return credential ? [{ store: choice, account: accountOf(credential), place }] : [];
  }

  /** The sign-ins of a host that the stores keep; a store that cannot tell is passed over. */
  async logins(host: string): Promise<readonly Login[]> {
    const stores: readonly StoreChoice[] = ['secretStorage', 'dockerConfig'];
    const found = await Promise.allSettled(stores.map((store) => this.loginsIn(store, host)));
    return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  }

  /** Removes every sign-in of the host; returns their places, none when there was nothing. Errors: CredentialStoreError. */
  async removeAll(host: string): Promise<readonly string[]> {
    const { credentials, forget, choice } = this.options;
    const logins = await this.logins(host);
    const ways = await this.signedInWays(host);
    try {
      await credentials.removeEverywhere(host);
      await Promise.all(ways.map(async ({ way }) => way.signOut?.(host)));
    } finally {
      forget(host);
    }
    await choice.chooseAccount(host, undefined);
    return [...new Set([...logins, ...ways].map(({ place }) => place))];
  }

  /** Removes one sign-in; when it was the account chosen, none is chosen any more. Errors: CredentialStoreError. */
  async remove(host: string, { store, account }: Login): Promise<void> {
    const { accounts, choice, forget } = this.options;
    if (store === 'secretStorage') await accounts.removeAccount({ host, name: account });
    else await this.storeOf(store).remove(host);
    forget(host);
    if (choice.accountFor(host) !== account) return;
    const left = await this.logins(host);
    if (!left.some((login) => login.account === account)) await choice.chooseAccount(host, undefined);
  }

  /** Copies a sign-in to another store. Who is signed in stays the same. Errors: CredentialStoreError. */
  async copy(host: string, { store, account }: Login, to: StoreChoice): Promise<void> {
    const credential = await this.storeOf(store).get(host, { account });
    if (!credential) throw new CredentialStoreError(store, `there is no sign-in to ${host} any more`);
    const before = await this.used(host);
    await this.storeOf(to).set(host, credential);
    const after = await this.used(host);
    if (before && after && accountOf(before) !== accountOf(after)) {
      await this.options.choice.chooseAccount(host, accountOf(before));
    }
    this.options.forget(host);
  }

  /** Who is signed in to a host and where, for people; empty when no one is. */
  async holders(host: string): Promise<readonly string[]> {
    const logins = await this.logins(host);
    const ways = await this.signedInWays(host);
    return [
      ...logins.map(({ account, place }) => `${account} in ${place}`),
      ...ways.map(({ place }) => place),
    ];
  }

  /** The account chosen for a host. */
  chosenAccount(host: string): string | undefined {
    return this.options.choice.accountFor(host);
  }

  /** Uses an account of a host from now on, or, with undefined, the one that comes first. */
  async choose(host: string, account: string | undefined): Promise<void> {
    await this.options.choice.chooseAccount(host, account);
    this.tookSignIn(host);
  }

  /** What each source of credentials says about a host. */
  explain(host: string, query?: CredentialQuery): Promise<CredentialExplanation> {
    return this.options.credentials.explain(host, query);
  }

  private async signedInWays(host: string) {
    const found = await Promise.all(
      this.waysFor(host).map(async (way) => ({ way, place: await way.signedInBy?.(host) })),
    );
    return found.flatMap(({ way, place }) => (place === undefined ? [] : [{ way, place }]));
  }

  private storeOf(choice: StoreChoice): CredentialStore {
    const store = this.options.credentials.stores.find(({ id }) => id === choice);
    if (!store) throw new CredentialStoreError(choice, 'there is no such store');
    return store;
  }

  /** Who signs in means to be signed in by that: another account that comes first must not get in the way. */
  private async putInForce(host: string, credential: Credential, store: StoreChoice): Promise<void> {
    const account = accountOf(credential);
    const used = await this.used(host);
    if (!used || isDeepStrictEqual(used, credential)) return;
    if (accountOf(used) !== account) return this.options.choice.chooseAccount(host, account);
    // The same account with an older password.
    if (store === 'dockerConfig') await this.options.accounts.removeAccount({ host, name: account });
  }

  /** Undefined as well when a source is broken, which the next request reports. */
  private used(host: string): Promise<Credential | undefined> {
    return this.options.credentials.credentialFor(host).catch(() => undefined);
  }

  private tookSignIn(host: string): void {
    this.options.forget(host);
    for (const listener of [...this.listeners]) listener(host);
  }
}
