import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import type { ListOptions, WaitOptions } from '../../oci/target';
import type { AwsAccess, AwsSession, EcrRepository, EcrToken } from './aws';
import { checkedRepository, checkedToken } from './checkedAnswer';
import { clientOptions, maxResults, secretsOf, sendOptions, type AwsIdentity } from './clientOptions';

/** The API of private registries. Source: AWS, "Amazon ECR API Reference", version 2015-09-21. */
export class PrivateEcrSession implements AwsSession {
  readonly secrets: readonly string[];
  private readonly client: ECRClient;
  /** The account of the host, which need not be that of the credentials. */
  private readonly registry: { readonly registryId?: string };

  constructor(access: AwsAccess, credentials: AwsIdentity) {
    this.secrets = secretsOf(credentials);
    this.client = new ECRClient({ ...clientOptions(access), credentials });
    this.registry = access.accountId === undefined ? {} : { registryId: access.accountId };
  }

  /** The password opens each registry that the credentials may use; naming registries is deprecated. */
  async authorizationToken(options?: WaitOptions): Promise<EcrToken> {
    const answer = await this.client.send(new GetAuthorizationTokenCommand({}), sendOptions(options));
    return checkedToken(answer.authorizationData?.[0]);
  }

  async *repositories(options: ListOptions = {}): AsyncGenerator<EcrRepository, void> {
    let nextToken: string | undefined;
    do {
      const page = { ...this.registry, maxResults: maxResults(options), ...(nextToken && { nextToken }) };
      const answer = await this.client.send(new DescribeRepositoriesCommand(page), sendOptions(options));
      yield* (answer.repositories ?? []).map(checkedRepository);
      nextToken = answer.nextToken;
    } while (nextToken);
  }

  async createRepository(repositoryName: string, options?: WaitOptions): Promise<void> {
    const command = new CreateRepositoryCommand({ ...this.registry, repositoryName });
    await this.client.send(command, sendOptions(options));
  }

  async removeRepository(repositoryName: string, options?: WaitOptions): Promise<void> {
    const command = new DeleteRepositoryCommand({ ...this.registry, repositoryName, force: true });
    await this.client.send(command, sendOptions(options));
  }

  async aliases(): Promise<readonly string[]> {
    return [];
  }
}
