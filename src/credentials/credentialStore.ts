import type { Credential, CredentialProvider, CredentialQuery } from '../oci/credential';
import type { WaitOptions } from '../oci/target';
import type { CredentialExplanation } from './credentialExplanation';

export type CredentialStoreId = 'dockerConfig' | 'secretStorage';

/** Every source, by the name that the setting for their order uses. */
export type CredentialSourceId =
  CredentialStoreId | 'containersAuth' | 'helm' | 'amazonEcr' | 'azureAcr' | 'github';

/** A credential, and where it stands, for people: `the entry "r.io/team" of /home/me/.docker/config.json`. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly place: string;
}

/** Somewhere that credentials come from, by registry host (`host[:port]`). Errors: CredentialStoreError from each call. */
export interface CredentialSource {
  readonly id: CredentialSourceId;
  /** The source's name for people. */
  readonly label: string;
  /** The files it looks in, for people, where it has some. */
  readonly location?: string;
  /** Undefined when this source has nothing for the host. Never asks the user. */
  get(host: string, query?: CredentialQuery): Promise<Credential | undefined>;
  /** True where the user chose this source for the host: it is asked before the others. */
  isChosen?(host: string): boolean;
  /** As `get`, with the place; left out where the label says it all. */
  find?(host: string, query?: CredentialQuery): Promise<FoundCredential | undefined>;
}

/** A source that keeps what it is given. Errors: CredentialStoreError from each call. */
export interface CredentialStore extends CredentialSource {
  readonly id: CredentialStoreId;
  /** Replaces what the store holds for the host, or, where it keeps several accounts, for that account. */
  set(host: string, credential: Credential, options?: WaitOptions): Promise<void>;
  /** Removes all the store holds for the host. False when there was nothing. */
  remove(host: string, options?: WaitOptions): Promise<boolean>;
  /** Where this host's credential is or would be kept, for people: a file's path, a helper's name. */
  placeFor(host: string, options?: WaitOptions): Promise<string>;
}

/** An account of a registry that a store keeps. */
export interface StoredAccount {
  readonly host: string;
  /** See `accountOf`. */
  readonly name: string;
}

/** A store that keeps several accounts a host. Errors: CredentialStoreError from each call. */
export interface AccountStore extends CredentialStore {
  /** Those of one host, or of all, the last one signed in first. */
  accounts(host?: string, options?: WaitOptions): Promise<readonly StoredAccount[]>;
  /** False when there was no such account. */
  removeAccount(account: StoredAccount, options?: WaitOptions): Promise<boolean>;
}

/** What `locate` found: the stores that hold a credential, and those that could not tell, with why. */
export interface CredentialLocations {
  readonly holding: readonly CredentialStore[];
  readonly failures: readonly Error[];
}

/** The sources as one: what sign-in and sign-out commands need beside reading. */
export interface CredentialLocator extends CredentialProvider {
  readonly stores: readonly CredentialStore[];
  locate(host: string, options?: WaitOptions): Promise<CredentialLocations>;
  /** Removes the host's credential from each store; returns the stores that held one. Errors: CredentialStoreError. */
  removeEverywhere(host: string, options?: WaitOptions): Promise<readonly CredentialStore[]>;
  /** What each source says, and which credential `credentialFor` gives. Errors: none; what failed is in the answer. */
  explain(host: string, query?: CredentialQuery): Promise<CredentialExplanation>;
}
