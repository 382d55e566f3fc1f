import { jwtClaims } from '../../oci/jwtClaims';
import type { SignInWay } from '../../credentials/signInWay';
import type { Credential } from '../../oci/credential';
import { SignInRequiredError, isAbort } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { acrCredential, type AcrCredentials } from './acrCredentials';
import type { AzureAudience } from './azureCloud';
import type { AzureTenant } from './azureTenants';
import type { MicrosoftAccount, MicrosoftSession } from './microsoftSessions';
import type { MicrosoftTokens } from './microsoftTokens';

/** What the user is asked: the tenant in which the account may use the registry. */
export interface TenantQuestion {
  readonly host: string;
  readonly account: MicrosoftAccount;
  /** The account's own tenant, where its token tells it. */
  readonly home?: string;
  /** Those it belongs to; empty when they could not be had. */
  readonly tenants: readonly AzureTenant[];
}

export interface MicrosoftAccountWayOptions {
  readonly isAcr: (host: string) => boolean;
  readonly credentials: AcrCredentials;
  readonly microsoft: MicrosoftTokens;
  readonly listTenants: (
    host: string,
    accessToken: string,
    options?: WaitOptions,
  ) => Promise<readonly AzureTenant[]>;
  /** A tenant's GUID or domain; undefined when the user backed out. */
  readonly askTenant: (question: TenantQuestion) => Promise<string | undefined>;
  /** Asks the registry with this credential alone. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<unknown>;
}

/** Signs in to an Azure registry with an account of VS Code's Microsoft sign-in. */
export class MicrosoftAccountWay implements SignInWay {
  readonly label = 'Microsoft account';
  readonly detail = "With VS Code's own sign-in; the account and its tenant are asked for";
  readonly icon = 'azure';

  constructor(private readonly options: MicrosoftAccountWayOptions) {}

  matches(host: string): boolean {
    return this.options.isAcr(host);
  }

  async signIn(host: string, options?: WaitOptions): Promise<string | undefined> {
    const session = await this.options.microsoft.chooseSession(host, options);
    if (!session) return undefined;
    const tenant = await this.chooseTenant(host, session, options);
    if (tenant === undefined) return undefined;
    const { account } = session;
    const found = await this.tokenFor(host, { account, tenant }, options);
    if (!found) return undefined;
    await this.options.ping(host, acrCredential(found.token), options);
    const signIn = { by: 'microsoft', account, tenant, audience: found.audience } as const;
    await this.options.credentials.signIn(host, signIn, found.token);
    return placeOf(account);
  }

  async signedInBy(host: string): Promise<string | undefined> {
    const account = this.options.credentials.accountOf(host);
    return account && placeOf(account);
  }

  async signOut(host: string): Promise<void> {
    await this.options.credentials.signOut(host);
  }

  /** Not asked where there is but one. */
  private async chooseTenant(
    host: string,
    { accessToken, account }: MicrosoftSession,
    options?: WaitOptions,
  ) {
    const tenants = await this.tenants(host, accessToken, options);
    const [only, ...others] = tenants;
    if (only && others.length === 0) return only.id;
    const { tid: home } = jwtClaims(accessToken);
    const question = { host, account, tenants, ...(typeof home === 'string' && { home }) };
    return this.options.askTenant(question);
  }

  /** The list is a help; without it the tenant can be typed. */
  private async tenants(host: string, accessToken: string, options?: WaitOptions) {
    try {
      return await this.options.listTenants(host, accessToken, options);
    } catch (error) {
      if (isAbort(error) || options?.signal?.aborted) throw error;
      return [];
    }
  }

  /** A registry may refuse tokens that are for Azure's management; then one that is for registries is tried. */
  private async tokenFor(
    host: string,
    choice: { readonly account: MicrosoftAccount; readonly tenant: string },
    options?: WaitOptions,
  ): Promise<{ readonly token: string; readonly audience: AzureAudience } | undefined> {
    const { microsoft } = this.options;
    try {
      const management = { ...choice, audience: 'management', silent: false } as const;
      const token = await microsoft.refreshToken(host, management, options);
      return token === undefined ? undefined : { token, audience: 'management' };
    } catch (refusal) {
      if (!(refusal instanceof SignInRequiredError)) throw refusal;
      const registry = { ...choice, audience: 'registry', silent: true } as const;
      const token = await microsoft.refreshToken(host, registry, options);
      if (token !== undefined) return { token, audience: 'registry' };
      throw refusal;
    }
  }
}

function placeOf({ label }: MicrosoftAccount): string {
  return `VS Code's Microsoft account ${label}`;
}
