import {
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeRegistriesCommand,
  DescribeRepositoriesCommand,
  ECRPUBLICClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr-public';
import type { ListOptions, WaitOptions } from '../../oci/target';
import type { AwsAccess, AwsSession, EcrRepository, EcrToken } from './aws';
import { checkedRepository, checkedToken } from './checkedAnswer';
import { clientOptions, maxResults, secretsOf, sendOptions, type AwsIdentity } from './clientOptions';

/** The API of the account's public registry. Source: AWS, "Amazon ECR Public API Reference", version 2020-10-30. */
export class PublicEcrSession implements AwsSession {
  readonly secrets: readonly string[];
  private readonly client: ECRPUBLICClient;

  constructor(access: AwsAccess, credentials: AwsIdentity) {
    this.secrets = secretsOf(credentials);
    this.client = new ECRPUBLICClient({ ...clientOptions(access), credentials });
  }

  async authorizationToken(options?: WaitOptions): Promise<EcrToken> {
    const answer = await this.client.send(new GetAuthorizationTokenCommand({}), sendOptions(options));
    return checkedToken(answer.authorizationData);
  }

  async *repositories(options: ListOptions = {}): AsyncGenerator<EcrRepository, void> {
    let nextToken: string | undefined;
    do {
      const page = { maxResults: maxResults(options), ...(nextToken && { nextToken }) };
      const answer = await this.client.send(new DescribeRepositoriesCommand(page), sendOptions(options));
      yield* (answer.repositories ?? []).map(checkedRepository);
      nextToken = answer.nextToken;
    } while (nextToken);
  }

  async createRepository(repositoryName: string, options?: WaitOptions): Promise<void> {
    await this.client.send(new CreateRepositoryCommand({ repositoryName }), sendOptions(options));
  }

  async removeRepository(repositoryName: string, options?: WaitOptions): Promise<void> {
    const command = new DeleteRepositoryCommand({ repositoryName, force: true });
    await this.client.send(command, sendOptions(options));
  }

  /** An account has one public registry, and few aliases of it: the first page has them all. */
  async aliases(options?: WaitOptions): Promise<readonly string[]> {
    const { registries } = await this.client.send(new DescribeRegistriesCommand({}), sendOptions(options));
    return (registries ?? []).flatMap(({ aliases }) => aliases ?? []).flatMap(({ name }) => name ?? []);
  }
}
