import { fromIni, fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { loadSharedConfigFiles } from '@smithy/core/config';
import type { Aws, AwsAccess, AwsSession } from './aws';
import type { AwsIdentity } from './clientOptions';
import { PrivateEcrSession } from './privateEcrSession';
import { PublicEcrSession } from './publicEcrSession';

/** For each question to the metadata service of a container or machine; off AWS nothing may answer at all. */
const METADATA_TIMEOUT_MS = 1000;

export interface AwsSdkOptions {
  readonly metadataTimeoutMs?: number;
}

/**
 * AWS through its SDK, in an entry file of its own (dist/aws.js) that is loaded when an ECR host needs it.
 * AWS_ENDPOINT_URL counts, as everywhere in the SDK. Against AWS itself it was not run: the tests use moto's server.
 */
export function createAws({ metadataTimeoutMs = METADATA_TIMEOUT_MS }: AwsSdkOptions = {}): Aws {
  return {
    open: async (access) => {
      const identity = await identityOf(access.profile, metadataTimeoutMs);
      return identity && sessionOf(access, identity);
    },
    profiles: async () => {
      const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
      const sections = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
      // Beside profiles there are sections like `sso-session.x` and `services.x`.
      const profiles = sections.filter((name) => !/^(sso-session|services)\./.test(name));
      return [...new Set(profiles)].sort();
    },
  };
}

/** Read anew each time: profiles and keys change while the editor is open. */
async function identityOf(profile: string | undefined, timeout: number): Promise<AwsIdentity | undefined> {
  if (profile !== undefined) return fromIni({ profile, ignoreCache: true })();
  try {
    return await fromNodeProviderChain({ ignoreCache: true, timeout, maxRetries: 0 })();
  } catch (error) {
    if (isNothingFound(error)) return undefined;
    throw error;
  }
}

/** What the last link of the chain says. */
function isNothingFound(error: unknown): boolean {
  return error instanceof Error && error.message === 'Could not load credentials from any providers';
}

function sessionOf(access: AwsAccess, credentials: AwsIdentity): AwsSession {
  return access.visibility === 'public'
    ? new PublicEcrSession(access, credentials)
    : new PrivateEcrSession(access, credentials);
}
