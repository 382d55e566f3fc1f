import type { Credential, CredentialProvider } from '../oci/credential';
import type { WaitOptions } from '../oci/target';

export type CredentialStoreId = 'dockerConfig' | 'secretStorage';

/** A place that keeps credentials, one a registry host (`host[:port]`). Errors: CredentialStoreError from each call. */
export interface CredentialStore {
  readonly id: CredentialStoreId;
  /** The store's name for people. */
  readonly label: string;
  /** Undefined when this store holds nothing for the host. */
  get(host: string, options?: WaitOptions): Promise<Credential | undefined>;
  /** Replaces what the store holds for the host. */
  set(host: string, credential: Credential, options?: WaitOptions): Promise<void>;
  /** False when there was nothing to remove. */
  remove(host: string, options?: WaitOptions): Promise<boolean>;
  /** Where this host's credential is or would be kept, for people: a file's path, a helper's name. */
  placeFor(host: string, options?: WaitOptions): Promise<string>;
}

/** What `locate` found: the stores that hold a credential, and those that could not tell, with why. */
export interface CredentialLocations {
  readonly holding: readonly CredentialStore[];
  readonly failures: readonly Error[];
}

/** The stores as one: what sign-in and sign-out commands need beside reading. */
export interface CredentialLocator extends CredentialProvider {
  readonly stores: readonly CredentialStore[];
  locate(host: string, options?: WaitOptions): Promise<CredentialLocations>;
  /** Removes the host's credential from each store; returns the stores that held one. Errors: CredentialStoreError. */
  removeEverywhere(host: string, options?: WaitOptions): Promise<readonly CredentialStore[]>;
}
