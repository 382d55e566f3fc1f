import type { WaitOptions } from './target';

/**
 * What proves who the user is, bound to one registry host.
 * `basic`: user name and password (or access token in its place). `identityToken`: an OAuth2 refresh token that buys
 * access tokens. `registryToken`: a bearer token sent as it is. Source: docker config file, `auths` entries.
 */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'identityToken'; readonly username?: string; readonly token: string }
  | { readonly kind: 'registryToken'; readonly token: string };

/**
 * For lookups. `repository` is the one at hand: credentials may be kept for a part of a registry. `account` is the name
 * (see `accountOf`) of the one that is wanted: a source that keeps several gives that one, any where it lacks it.
 */
export interface CredentialQuery extends WaitOptions {
  readonly repository?: string;
  readonly account?: string;
  /** Set when something is to be deleted: GitHub grants that right apart, and then the user may be asked for it. */
  readonly deletes?: true;
}

/** The name of an account that is a token without a user. Source: docker-credential-helpers, "Development". */
export const TOKEN_ACCOUNT = '<token>';

/** Whose credential it is, for people and for telling accounts of a registry apart: the user name, or `<token>`. */
export function accountOf(credential: Credential): string {
  return (credential.kind !== 'registryToken' && credential.username) || TOKEN_ACCOUNT;
}

/** Finds the credential for a registry host (`host[:port]`); undefined means anonymous. */
export interface CredentialProvider {
  credentialFor(host: string, query?: CredentialQuery): Promise<Credential | undefined>;
}
