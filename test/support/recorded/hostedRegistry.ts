import type { Credential, CredentialProvider } from '../../../src/oci/credential';
import { Registry } from '../../../src/targets/registry/registry';
import type { RegistryProvider } from '../../../src/targets/registry/providers/provider';
import { TestClock } from '../testClock';
import { testTransport } from '../testTransport';

/** A client of a registry on loopback, as src/wiring builds it. */
export interface HostedRegistryOptions {
  readonly host: string;
  readonly provider: RegistryProvider;
  readonly namespaces?: readonly string[];
  readonly credential?: Credential;
}

/** The registry with a sign-in that is bound to its host: no other host is ever given it by the client's own doing. */
export function hostedRegistry({
  host,
  provider,
  namespaces = [],
  credential,
}: HostedRegistryOptions): Registry {
  const credentials: CredentialProvider = {
    credentialFor: async (asked) => (asked === host ? credential : undefined),
  };
  const transport = testTransport({ credentials, clock: new TestClock() });
  return new Registry(host, transport, { provider, namespaces, credentials });
}
