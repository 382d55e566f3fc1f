import { CredentialStoreError } from '../../oci/errors';
import type { ListOptions, WaitOptions } from '../../oci/target';
import type { EcrApi } from '../../targets/registry/providers/amazonEcr';
import type { AwsAccess, AwsSession } from './aws';
import { awsFailure, profileName } from './awsFailure';
import type { AwsSessions } from './awsSessions';

interface Opened {
  readonly host: string;
  readonly access: AwsAccess;
  readonly session: AwsSession;
}

/** What the ECR provider needs of AWS's API, by the AWS SDK. A public registry's names start with an alias. */
export class AwsEcrApi implements EcrApi {
  constructor(private readonly sessions: AwsSessions) {}

  async repositories(host: string, options: ListOptions = {}): Promise<AsyncIterable<string> | undefined> {
    const opened = await this.open(host, options);
    return opened && names(opened, options);
  }

  async createRepository(host: string, repository: string, options: WaitOptions = {}): Promise<void> {
    const opened = await this.opened(host, options);
    await calling(opened, { name: 'CreateRepository', repository, ...options }, async () => {
      const name = await nameInApi(opened, repository, options);
      await opened.session.createRepository(name, options).catch(unlessItIsThere);
    });
  }

  async removeRepository(host: string, repository: string, options: WaitOptions = {}): Promise<void> {
    const opened = await this.opened(host, options);
    await calling(opened, { name: 'DeleteRepository', repository, ...options }, async () => {
      await opened.session.removeRepository(await nameInApi(opened, repository, options), options);
    });
  }

  private async opened(host: string, options: WaitOptions): Promise<Opened> {
    const opened = await this.open(host, options);
    if (opened) return opened;
    throw new CredentialStoreError(
      'AWS',
      `no credentials were found; sign in to ${host} with an AWS profile`,
    );
  }

  private async open(host: string, options: WaitOptions): Promise<Opened | undefined> {
    const access = this.sessions.accessFor(host);
    const session = access && (await this.sessions.open(host, access, options));
    return session && { host, access, session };
  }
}

interface Call extends WaitOptions {
  /** Of the API. */
  readonly name: string;
  readonly repository?: string;
}

async function calling<T>(
  { host, access, session: { secrets } }: Opened,
  call: Call,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    call.signal?.throwIfAborted();
    const action = `${access.visibility === 'public' ? 'ecr-public' : 'ecr'}:${call.name}`;
    const { repository } = call;
    throw awsFailure(error, {
      host,
      access,
      action,
      secrets,
      ...(repository !== undefined && { repository }),
    });
  }
}

/** The API has no order that a name could stand in, so `last` is looked for in the list. */
async function* names(opened: Opened, options: ListOptions): AsyncGenerator<string, void> {
  const call = { name: 'DescribeRepositories', ...options };
  const list = opened.session.repositories(options)[Symbol.asyncIterator]();
  let isBehind = options.last === undefined;
  for (;;) {
    const next = await calling(opened, call, () => list.next());
    if (next.done) return;
    const name = opened.access.visibility === 'public' ? pathOf(next.value.uri) : next.value.name;
    if (isBehind) yield name;
    else isBehind = name === options.last;
  }
}

/** `public.ecr.aws/alias/name` without its host. */
function pathOf(uri: string): string {
  return uri.slice(uri.indexOf('/') + 1);
}

/** Errors: CredentialStoreError for an alias of another account, in whose place another repository would be meant. */
async function nameInApi(
  { access, session }: Opened,
  repository: string,
  options: WaitOptions,
): Promise<string> {
  if (access.visibility === 'private') return repository;
  const [alias = '', ...rest] = repository.split('/');
  const own = await session.aliases(options);
  if (own.includes(alias) && rest.length > 0) return rest.join('/');
  const reason = `its account has no public registry "${alias}" (it has: ${own.join(', ') || 'none'})`;
  throw new CredentialStoreError(`AWS profile "${profileName(access)}"`, reason);
}

/** Someone else was faster: it is there, as was wanted. */
function unlessItIsThere(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'RepositoryAlreadyExistsException') throw error;
}
