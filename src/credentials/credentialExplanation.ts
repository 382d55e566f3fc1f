import type { CredentialSourceId } from './credentialStore';

/**
 * What a source said. `used`: its credential is sent. `otherAccount`: it has one, but another account is chosen for the
 * registry. `ended`: it has a token that is past its end, and something else is used. `notAsked`: an earlier one was used. `switchedOff`: the setting for the order leaves it out.
 */
export type SourceReport =
  | { readonly outcome: 'used' | 'otherAccount' | 'ended'; readonly account: string; readonly place: string }
  | { readonly outcome: 'failed'; readonly reason: string }
  | { readonly outcome: 'nothing' | 'notAsked' | 'switchedOff' };

/** One source and what it said. */
export interface SourceStep {
  readonly id: CredentialSourceId;
  readonly label: string;
  /** The files that the source looks in. */
  readonly location?: string;
  readonly report: SourceReport;
}

/** Why a registry gets the credential that it gets, or none. Holds names and places, never a secret. */
export interface CredentialExplanation {
  readonly host: string;
  readonly repository?: string;
  /** The account that the user chose for the registry. */
  readonly chosenAccount?: string;
  /** In the order of asking; those switched off come last. */
  readonly steps: readonly SourceStep[];
}
