import type { Credential, CredentialProvider } from '../../src/oci/credential';
import type { CredentialStoreError } from '../../src/oci/errors';
import { createTransport } from '../../src/transport/createTransport';
import type { Clock } from '../../src/transport/clock';
import type { RateLimit } from '../../src/transport/rateLimit';
import type { Timeouts } from '../../src/transport/sendOnce';
import type { Endpoint, RequestLogEntry, Transport } from '../../src/transport/transport';
import { testAccount } from './testAccount';

/** What differs between the transports of tests. Hosts are plain HTTP unless `endpoint` says otherwise. */
export interface TestTransportOptions {
  readonly credential?: Credential | undefined;
  /** In place of `credential`, which any host gets. */
  readonly credentials?: CredentialProvider;
  readonly endpoint?: Partial<Endpoint>;
  readonly clock?: Clock;
  readonly timeouts?: Timeouts;
  readonly onWarning?: (host: string, text: string) => void;
  readonly onCredentialFailure?: (host: string, error: CredentialStoreError) => void;
  readonly onRateLimit?: (host: string, limit: RateLimit) => void;
}

/** A transport with its request log. */
export interface TestTransport extends Transport {
  readonly log: readonly RequestLogEntry[];
}

/** The credential of the test account. */
export const testCredential: Credential = {
  kind: 'basic',
  username: testAccount.username,
  password: testAccount.password,
};

/** Builds a transport as the extension does, with fixed settings and no pauses at random. */
export function testTransport({ credential, endpoint, ...rest }: TestTransportOptions = {}): TestTransport {
  const log: RequestLogEntry[] = [];
  const transport = createTransport({
    credentials: { credentialFor: async () => credential },
    endpointFor: async (host) => ({ host, plainHttp: true, insecure: false, ...endpoint }),
    log: (entry) => log.push(entry),
    userAgent: 'oci-artifacts-test',
    random: () => 1,
    ...rest,
  });
  return { ...transport, log };
}
