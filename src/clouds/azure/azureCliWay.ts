import type { SignInWay } from '../../credentials/signInWay';
import type { Credential } from '../../oci/credential';
import { CredentialStoreError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { acrCredential, type AcrCredentials } from './acrCredentials';
import type { AzureCli } from './azureCli';

export interface AzureCliWayOptions {
  readonly isAcr: (host: string) => boolean;
  readonly credentials: AcrCredentials;
  readonly cli: AzureCli;
  /** Asks the registry with this credential alone. */
  readonly ping: (host: string, credential: Credential, options?: WaitOptions) => Promise<unknown>;
}

/** Signs in to an Azure registry as the Azure CLI is signed in. */
export class AzureCliWay implements SignInWay {
  readonly label = 'Azure CLI';
  readonly detail = 'As "az login" signed in; nothing is stored here';
  readonly icon = 'terminal';

  constructor(private readonly options: AzureCliWayOptions) {}

  matches(host: string): boolean {
    return this.options.isAcr(host);
  }

  async signIn(host: string, options?: WaitOptions): Promise<string> {
    const { cli, credentials, ping } = this.options;
    const answer = await cli.registryToken(host, options);
    if (answer.kind !== 'token') throw new CredentialStoreError(cli.label, answer.reason);
    await ping(host, acrCredential(answer.token), options);
    await credentials.signIn(host, { by: 'azureCli' }, answer.token);
    return PLACE;
  }

  async signedInBy(host: string, options?: WaitOptions): Promise<string | undefined> {
    return (await this.options.credentials.usesCli(host, options)) ? PLACE : undefined;
  }

  async signOut(host: string): Promise<void> {
    await this.options.credentials.signOut(host);
  }
}

const PLACE = 'the Azure CLI';
