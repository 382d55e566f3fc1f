import type { SignInWay } from '../../credentials/signInWay';
import type { Credential } from '../../oci/credential';
import { CredentialStoreError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import type { AmazonEcrSource } from './amazonEcrSource';
import type { AwsSessions } from './awsSessions';

export interface AwsProfileWayOptions {
  readonly sessions: AwsSessions;
  /** Gives a host's credential with a profile that is not yet the chosen one. */
  readonly source: AmazonEcrSource;
  /** Asks the user for one of the profiles; undefined when dismissed. */
  readonly choose: (host: string, profiles: readonly string[]) => Promise<string | undefined>;
  /** Asks the registry whether it takes the credential. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<unknown>;
  /** Keeps the choice, or drops it: a name, no secret. */
  readonly remember: (host: string, profile: string | undefined) => Promise<void>;
}

/** Signing in to Amazon ECR by choosing a profile of AWS's shared configuration files. */
export class AwsProfileWay implements SignInWay {
  readonly label = 'AWS profile';
  readonly detail = 'Single sign-on and keys of ~/.aws; the password is fetched and renewed by itself';
  readonly icon = 'account';

  constructor(private readonly options: AwsProfileWayOptions) {}

  matches(host: string): boolean {
    return this.options.sessions.accessFor(host) !== undefined;
  }

  async signIn(host: string, options: WaitOptions = {}): Promise<string | undefined> {
    const { sessions, source, choose, ping, remember } = this.options;
    const profiles = await sessions.profiles();
    if (profiles.length === 0) throw noProfiles();
    const profile = await choose(host, profiles);
    options.signal?.throwIfAborted();
    if (profile === undefined) return undefined;
    await ping(host, await source.withProfile(host, profile, options), options);
    await remember(host, profile);
    return placeOf(profile);
  }

  async signedInBy(host: string): Promise<string | undefined> {
    const profile = this.options.sessions.accessFor(host)?.profile;
    return profile === undefined ? undefined : placeOf(profile);
  }

  async signOut(host: string): Promise<void> {
    await this.options.remember(host, undefined);
  }
}

function placeOf(profile: string): string {
  return `the AWS profile "${profile}"`;
}

function noProfiles(): CredentialStoreError {
  const step = 'run "aws configure sso" or "aws configure" in a terminal, then try again';
  return new CredentialStoreError('AWS', `there is no profile in its configuration files; ${step}`);
}
