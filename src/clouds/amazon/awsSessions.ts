import type { RegistryKind } from '../../oci/registryProfile';
import type { WaitOptions } from '../../oci/target';
import { untilAborted } from '../../oci/untilAborted';
import { ECR_PUBLIC_REGION, ecrHostOf } from '../../targets/registry/providers/amazonEcrHost';
import type { Clock } from '../../transport/clock';
import type { Aws, AwsAccess, AwsSession } from './aws';
import { awsFailure } from './awsFailure';

/** What the user's settings say about a registry, as far as AWS is concerned. */
export interface EcrSettings {
  readonly kind?: RegistryKind;
  /** For a host whose name does not tell the region. */
  readonly awsRegion?: string;
  /** The profile that the user chose. */
  readonly awsProfile?: string;
}

export interface AwsSessionsOptions {
  /** Loads AWS's side when it is first needed. */
  readonly load: () => Aws;
  readonly settingsOf: (host: string) => EcrSettings;
  readonly clock: Clock;
}

/** That there are no AWS credentials is found by asking a metadata service that may not be there: not each time. */
const NOTHING_FOUND_FOR_MS = 5 * 60_000;

/** Opens the ECR API of a registry host, with the profile that the user chose for it. */
export class AwsSessions {
  /** Of credentials that are looked for where AWS's tools would. */
  private nothingUntilMs = 0;

  constructor(private readonly options: AwsSessionsOptions) {}

  /** The API behind a host; undefined for a host that is not ECR's. */
  accessFor(host: string): AwsAccess | undefined {
    const { kind, awsRegion, awsProfile } = this.options.settingsOf(host);
    const place = kind === undefined ? ecrHostOf(host) : placeOf(kind, host);
    if (!place) return undefined;
    const region = awsRegion === undefined ? {} : { region: awsRegion };
    return { ...region, ...place, ...(awsProfile !== undefined && { profile: awsProfile }) };
  }

  /** Undefined when there are no AWS credentials at all. Errors: CredentialStoreError, NetworkError. */
  async open(host: string, access: AwsAccess, options: WaitOptions = {}): Promise<AwsSession | undefined> {
    const { clock, load } = this.options;
    const isChosen = access.profile !== undefined;
    if (!isChosen && this.nothingUntilMs > clock.now()) return undefined;
    try {
      const session = await untilAborted(load().open(access), options.signal);
      if (!isChosen && !session) this.nothingUntilMs = clock.now() + NOTHING_FOUND_FOR_MS;
      return session;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw awsFailure(error, { host, access, action: 'finding AWS credentials' });
    }
  }

  /** The names of the profiles there are. */
  profiles(): Promise<readonly string[]> {
    return this.options.load().profiles();
  }
}

/** A host that the settings call ECR may be an ECR host by its name too, or one in front of it. */
function placeOf(kind: RegistryKind, host: string): Omit<AwsAccess, 'profile'> | undefined {
  if (kind === 'amazonEcr') return ecrHostOf(host) ?? { visibility: 'private' };
  if (kind === 'amazonEcrPublic') return { visibility: 'public', region: ECR_PUBLIC_REGION };
  return undefined;
}
