import type { CredentialSource } from '../../credentials/credentialStore';
import { endOfToken } from '../../oci/jwtClaims';
import type { Credential, CredentialQuery } from '../../oci/credential';
import { CredentialStoreError } from '../../oci/errors';
import { TokenCache, type Token } from '../../transport/auth/tokenCache';
import type { Clock } from '../../transport/clock';
import { untilAborted } from '../../oci/untilAborted';
import type { AzureCli } from './azureCli';
import type { AzureSignIn, AzureSignIns } from './azureSignIns';
import type { MicrosoftAccount } from './microsoftSessions';
import type { MicrosoftTokens } from './microsoftTokens';

/** The user name that stands for "the password is a refresh token". Source: Azure/acr, docs/AAD-OAuth.md. */
const TOKEN_USER = '00000000-0000-0000-0000-000000000000';
const MAX_LIFETIME_MS = 3 * 60 * 60_000;
const LIFETIME_UNTOLD_MS = 60 * 60_000;
/** Longer than anyone keeps a credential that was asked for here: none is used past its end. */
const MARGIN_MS = 10 * 60_000;
/** How long it is believed that the Azure CLI has nothing: each question to it takes seconds. */
const NOTHING_LIFETIME_MS = 5 * 60_000;
const NOTHING = '';

export interface AcrCredentialsOptions {
  readonly isAcr: (host: string) => boolean;
  readonly signIns: AzureSignIns;
  readonly microsoft: MicrosoftTokens;
  readonly cli: AzureCli;
  readonly clock: Clock;
}

/** A registry's refresh token as a credential. */
export function acrCredential(refreshToken: string): Credential {
  return { kind: 'identityToken', username: TOKEN_USER, token: refreshToken };
}

/**
 * Refresh tokens of Azure registries: of the Microsoft account that the user chose, else of the Azure CLI. Renewed
 * before their end; those who ask at the same time share one request. Kept in memory alone.
 * Errors: CredentialStoreError, SignInRequiredError where the registry no longer takes the account.
 */
export class AcrCredentials implements CredentialSource {
  readonly id = 'azureAcr';
  readonly label = 'Azure sign-in';
  private readonly caches = new Map<string, TokenCache>();

  constructor(private readonly options: AcrCredentialsOptions) {}

  /** True where the user signed in by an Azure way. */
  isChosen(host: string): boolean {
    const signIn = this.signInOf(host);
    return signIn !== undefined && signIn.by !== 'signedOut';
  }

  async get(host: string, query: CredentialQuery = {}): Promise<Credential | undefined> {
    const signIn = this.signInOf(host);
    if (!this.options.isAcr(host) || signIn?.by === 'signedOut') return undefined;
    const cache = this.caches.get(host) ?? this.newCache(host);
    const token = await untilAborted(
      cache.obtain(host, () => this.fetch(host, signIn)),
      query.signal,
    );
    return token === NOTHING ? undefined : acrCredential(token);
  }

  /** Remembers how the user signed in, with the token that came of it. */
  async signIn(host: string, signIn: AzureSignIn, token: string): Promise<void> {
    await this.options.signIns.set(host, signIn);
    await this.newCache(host).obtain(host, async () => this.lasting(token));
  }

  /** The Microsoft account that the user signed in with. */
  accountOf(host: string): MicrosoftAccount | undefined {
    const signIn = this.signInOf(host);
    return signIn?.by === 'microsoft' ? signIn.account : undefined;
  }

  /** True where the Azure CLI signs in: as chosen, or because nobody chose and it can. */
  async usesCli(host: string, query?: CredentialQuery): Promise<boolean> {
    const signIn = this.signInOf(host);
    return signIn ? signIn.by === 'azureCli' : (await this.get(host, query)) !== undefined;
  }

  /** Until the user signs in again, not even the Azure CLI is asked. */
  async signOut(host: string): Promise<void> {
    await this.options.signIns.set(host, { by: 'signedOut' });
    this.caches.delete(host);
  }

  private signInOf(host: string): AzureSignIn | undefined {
    return this.options.isAcr(host) ? this.options.signIns.get(host) : undefined;
  }

  private newCache(host: string): TokenCache {
    const cache = new TokenCache(this.options.clock);
    this.caches.set(host, cache);
    return cache;
  }

  private async fetch(host: string, signIn: AzureSignIn | undefined): Promise<Token> {
    if (signIn?.by !== 'microsoft') return this.fetchFromCli(host, signIn !== undefined);
    const token = await this.options.microsoft.refreshToken(host, { ...signIn, silent: true });
    return token === undefined ? { text: NOTHING, lifetimeMs: 0 } : this.lasting(token);
  }

  private async fetchFromCli(host: string, isChosen: boolean): Promise<Token> {
    const answer = await this.options.cli.registryToken(host);
    if (answer.kind === 'token') return this.lasting(answer.token);
    if (isChosen) throw new CredentialStoreError(this.options.cli.label, answer.reason);
    return { text: NOTHING, lifetimeMs: NOTHING_LIFETIME_MS };
  }

  private lasting(text: string): Token {
    const nowMs = this.options.clock.now();
    const toldMs = (endOfToken(text) ?? nowMs + LIFETIME_UNTOLD_MS) - nowMs;
    const lifetimeMs = Math.max(0, Math.min(toldMs, MAX_LIFETIME_MS));
    return { text, lifetimeMs: lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 4) };
  }
}
