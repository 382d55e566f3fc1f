import type { CredentialSource } from '../../credentials/credentialStore';
import type { SignInWay } from '../../credentials/signInWay';
import { amazonEcr, amazonEcrPublic } from '../../targets/registry/providers/amazonEcr';
import type { RegistryProvider } from '../../targets/registry/providers/provider';
import { AmazonEcrSource } from './amazonEcrSource';
import { AwsEcrApi } from './awsEcrApi';
import { AwsProfileWay, type AwsProfileWayOptions } from './awsProfileWay';
import { AwsSessions, type AwsSessionsOptions } from './awsSessions';

export type AmazonOptions = AwsSessionsOptions & Pick<AwsProfileWayOptions, 'choose' | 'ping' | 'remember'>;

/** All of Amazon that the extension has. */
export interface Amazon {
  readonly credentials: CredentialSource;
  readonly ways: readonly SignInWay[];
  readonly providers: readonly RegistryProvider[];
}

/** Puts Amazon's parts together. Nothing of AWS is loaded until an ECR host needs it. */
export function amazon(options: AmazonOptions): Amazon {
  const sessions = new AwsSessions(options);
  const source = new AmazonEcrSource({ sessions, clock: options.clock });
  const api = new AwsEcrApi(sessions);
  return {
    credentials: source,
    ways: [new AwsProfileWay({ ...options, sessions, source })],
    providers: [amazonEcr(api), amazonEcrPublic(api)],
  };
}
