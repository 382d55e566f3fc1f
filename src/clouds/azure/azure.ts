import type { CredentialEnvironment } from '../../credentials/credentialEnvironment';
import type { SignInWay } from '../../credentials/signInWay';
import type { Credential } from '../../oci/credential';
import type { RegistryKind } from '../../oci/registryProfile';
import type { WaitOptions } from '../../oci/target';
import { providerFor } from '../../targets/registry/providers';
import { systemClock, type Clock } from '../../transport/clock';
import type { Transport } from '../../transport/transport';
import { AcrCredentials } from './acrCredentials';
import { AzureCli } from './azureCli';
import { AzureCliWay } from './azureCliWay';
import type { AzureCloud } from './azureCloud';
import { AzureSignIns, type SignInKeep } from './azureSignIns';
import { listTenants } from './azureTenants';
import { MicrosoftAccountWay, type TenantQuestion } from './microsoftAccountWay';
import type { OpenMicrosoftSession } from './microsoftSessions';
import { MicrosoftTokens } from './microsoftTokens';

export interface AzureOptions {
  /** The kind of registry that the user's settings name for a host. */
  readonly kindOf: (host: string) => RegistryKind | undefined;
  readonly keep: SignInKeep;
  readonly environment: CredentialEnvironment;
  readonly openSession: OpenMicrosoftSession;
  readonly askTenant: (question: TenantQuestion) => Promise<string | undefined>;
  /** Without credentials of its own. */
  readonly transport: Transport;
  /** Asks a registry with this credential alone. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<unknown>;
  readonly clock?: Clock;
  readonly cloudOf?: (host: string) => AzureCloud;
}

/** Signing in to Azure registries: where credentials come from, and the ways to get there. */
export interface Azure {
  readonly credentials: AcrCredentials;
  readonly ways: readonly SignInWay[];
}

/** Builds the Azure sign-in. Makes no request and starts no program until it is asked. */
export function azure(options: AzureOptions): Azure {
  const { kindOf, keep, environment, openSession, askTenant, transport, ping, cloudOf } = options;
  const isAcr = (host: string) => providerFor(host, kindOf(host)).kind === 'azureAcr';
  const microsoft = new MicrosoftTokens({ openSession, transport, ...(cloudOf && { cloudOf }) });
  const cli = new AzureCli({ environment });
  const clock = options.clock ?? systemClock;
  const credentials = new AcrCredentials({ isAcr, signIns: new AzureSignIns(keep), microsoft, cli, clock });
  const tenants = (host: string, accessToken: string, wait?: WaitOptions) =>
    listTenants(transport, { managementHost: microsoft.cloudOf(host).managementHost, accessToken }, wait);
  return {
    credentials,
    ways: [
      new MicrosoftAccountWay({ isAcr, credentials, microsoft, listTenants: tenants, askTenant, ping }),
      new AzureCliWay({ isAcr, credentials, cli, ping }),
    ],
  };
}
