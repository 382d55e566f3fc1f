import type { CredentialLocator } from '../credentials/credentialStore';
import type { SignInWay } from '../credentials/signInWay';
import type { Credential } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import type { PingResult } from '../oci/registryTarget';
import type { WaitOptions } from '../oci/target';

/** A place that keeps sign-ins, by the name that the setting uses. */
export type StoreChoice = 'dockerConfig' | 'secretStorage';

export interface SignInsOptions {
  readonly credentials: CredentialLocator;
  /** Asks the registry with this credential alone. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<PingResult>;
  /** Makes the client forget tokens of the host. */
  readonly forget: (host: string) => void;
  readonly ways: readonly SignInWay[];
}

/** Signing in and out as commands see it. */
export class SignIns {
  private readonly listeners = new Set<(host: string) => void>();

  constructor(private readonly options: SignInsOptions) {}

  /** Calls back after each sign-in to any host, by whichever way, until it is disposed. */
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
    if (place !== undefined) this.tookSignIn(host);
    return place;
  }

  /** Asks the registry whether it takes the credential; nothing is stored. Errors: SignInRequiredError, NetworkError. */
  verify(host: string, credential: Credential, options?: WaitOptions): Promise<PingResult> {
    return this.options.ping(host, credential, options);
  }

  /** Stores it in one place; returns that place's name for a person. Errors: CredentialStoreError. */
  async store(host: string, credential: Credential, choice: StoreChoice): Promise<string> {
    const store = this.options.credentials.stores.find(({ id }) => id === choice);
    if (!store) throw new CredentialStoreError(choice, 'there is no such store');
    await store.set(host, credential);
    this.tookSignIn(host);
    return store.placeFor(host);
  }

  /** Removes it from each place that holds it; returns their names, none when there was nothing. */
  async remove(host: string): Promise<readonly string[]> {
    const { credentials, forget } = this.options;
    const { holding } = await credentials.locate(host);
    const places = await Promise.all(holding.map((store) => store.placeFor(host)));
    await credentials.removeEverywhere(host);
    const ways = await this.signedInWays(host);
    await Promise.all(ways.map(async ({ way }) => way.signOut?.(host)));
    forget(host);
    return [...places, ...ways.map(({ place }) => place)];
  }

  /** Names of the places that hold a sign-in for the host now. */
  async holders(host: string): Promise<readonly string[]> {
    const { holding } = await this.options.credentials.locate(host);
    const places = await Promise.all(holding.map((store) => store.placeFor(host)));
    return [...places, ...(await this.signedInWays(host)).map(({ place }) => place)];
  }

  private async signedInWays(host: string) {
    const found = await Promise.all(
      this.waysFor(host).map(async (way) => ({ way, place: await way.signedInBy?.(host) })),
    );
    return found.flatMap(({ way, place }) => (place === undefined ? [] : [{ way, place }]));
  }

  private tookSignIn(host: string): void {
    this.options.forget(host);
    for (const listener of [...this.listeners]) listener(host);
  }
}
