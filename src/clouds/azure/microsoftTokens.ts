import type { WaitOptions } from '../../oci/target';
import type { Transport } from '../../transport/transport';
import { azureCloudOf, scopesFor, type AzureAudience, type AzureCloud } from './azureCloud';
import { exchangeToken } from './exchangeToken';
import type { MicrosoftAccount, MicrosoftSession, OpenMicrosoftSession } from './microsoftSessions';

export interface MicrosoftTokensOptions {
  readonly openSession: OpenMicrosoftSession;
  /** Without credentials of its own. */
  readonly transport: Transport;
  readonly cloudOf?: (host: string) => AzureCloud;
}

/** Whose session to take, and in which tenant. */
export interface SessionChoice {
  readonly account: MicrosoftAccount;
  readonly tenant: string;
  readonly audience: AzureAudience;
  /** Never asks the user. */
  readonly silent: boolean;
}

/** The way from VS Code's Microsoft sign-in to a registry's refresh token. */
export class MicrosoftTokens {
  constructor(private readonly options: MicrosoftTokensOptions) {}

  cloudOf(host: string): AzureCloud {
    return (this.options.cloudOf ?? azureCloudOf)(host);
  }

  /** Asks which account, and takes the session of its own tenant. Undefined when the user backed out. */
  async chooseSession(host: string, { signal }: WaitOptions = {}): Promise<MicrosoftSession | undefined> {
    const cloud = this.cloudOf(host);
    const scopes = scopesFor(cloud, 'management');
    const request = { provider: cloud.provider, scopes, silent: false };
    return this.options.openSession({ ...request, ...(signal && { signal }) });
  }

  /** Undefined when there is no session. Errors: those of `exchangeToken` and of the session. */
  async refreshToken(
    host: string,
    { account, tenant, audience, silent }: SessionChoice,
    wait?: WaitOptions,
  ): Promise<string | undefined> {
    const cloud = this.cloudOf(host);
    const scopes = scopesFor(cloud, audience, tenant);
    const request = { provider: cloud.provider, scopes, account, silent };
    const { signal } = wait ?? {};
    const session = await this.options.openSession({ ...request, ...(signal && { signal }) });
    if (!session) return undefined;
    signal?.throwIfAborted();
    return exchangeToken(this.options.transport, { host, tenant, accessToken: session.accessToken }, wait);
  }
}
