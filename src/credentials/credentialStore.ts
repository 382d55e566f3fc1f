import type { Credential, CredentialProvider, CredentialQuery } from '../oci/credential';
import type { WaitOptions } from '../oci/target';

export type CredentialStoreId = 'dockerConfig' | 'secretStorage';

/** Every source, by the name that the setting for their order uses. */
export type CredentialSourceId =
  CredentialStoreId | 'containersAuth' | 'awsProfile' | 'amazonEcr' | 'azureAcr' | 'github';

/** Somewhere that credentials come from, by registry host (`host[:port]`). Errors: CredentialStoreError from each call. */
export interface CredentialSource {
  readonly id: CredentialSourceId;
  /** The source's name for people. */
  readonly label: string;
  /** Undefined when this source has nothing for the host. Never asks the user. */
  get(host: string, query?: CredentialQuery): Promise<Credential | undefined>;
}

/** A source that keeps what it is given, one credential a host. Errors: CredentialStoreError from each call. */
export interface CredentialStore extends CredentialSource {
  readonly id: CredentialStoreId;
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
