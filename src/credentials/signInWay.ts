import type { WaitOptions } from '../oci/target';

/** A way to sign in beside user name and password, e.g. with a Microsoft account. It may ask the user. */
export interface SignInWay {
  readonly label: string;
  /** One line on what it takes and what it does. */
  readonly detail: string;
  /** Codicon. */
  readonly icon: string;
  /** True for hosts that it can sign in to. */
  matches(host: string): boolean;
  /**
   * Signs in and checks it; its source answers from then on. Resolves with where the sign-in is kept, for people, or
   * undefined when the user backed out. Errors: CredentialStoreError, NetworkError, RegistryError.
   */
  signIn(host: string, options?: WaitOptions): Promise<string | undefined>;
  /** Where a sign-in by this way is in force, for people; undefined where there is none. Never asks the user. */
  signedInBy?(host: string, options?: WaitOptions): Promise<string | undefined>;
  /** Ends what `signedInBy` names. */
  signOut?(host: string): Promise<void>;
}
