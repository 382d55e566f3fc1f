import type { ECRClientConfig } from '@aws-sdk/client-ecr';
import type { ListOptions, WaitOptions } from '../../oci/target';
import type { AwsAccess } from './aws';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 20_000;
/** Both APIs refuse more. */
const MAX_PAGE_SIZE = 1000;

/** Keys that sign requests. */
export type AwsIdentity = Exclude<NonNullable<ECRClientConfig['credentials']>, (...args: never) => unknown>;

/** What of them no message may show; the access key's id too, though it opens nothing alone. */
export function secretsOf({ accessKeyId, secretAccessKey, sessionToken }: AwsIdentity): readonly string[] {
  return [sessionToken, secretAccessKey, accessKeyId].filter(
    (key) => key !== undefined && key !== '',
  ) as string[];
}

type Shared = Pick<
  ECRClientConfig,
  'region' | 'profile' | 'useFipsEndpoint' | 'useDualstackEndpoint' | 'requestHandler'
>;

/** What the client of either API is made with, beside credentials. */
export function clientOptions({ region, profile, fips, dualStack }: AwsAccess): Shared {
  return {
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
    ...(fips && { useFipsEndpoint: true }),
    ...(dualStack && { useDualstackEndpoint: true }),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  };
}

/** What one call is sent with. */
export function sendOptions({ signal }: WaitOptions = {}): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

/** The size of a page as both APIs take it. */
export function maxResults({ pageSize = MAX_PAGE_SIZE }: ListOptions): number {
  return Math.min(MAX_PAGE_SIZE, Math.max(1, pageSize));
}
