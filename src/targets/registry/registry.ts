import { UnsupportedError } from '../../oci/errors';
import type { PingResult, RegistryTarget } from '../../oci/registryTarget';
import type { ListOptions, WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { Transport } from '../../transport/transport';
import { listRepositories } from './lister';
import { generic } from './providers/generic';
import type { ProviderContext, RegistryProvider } from './providers/provider';
import type { ReferrersIndexOptions } from './referrersIndex';
import { Repository } from './repository';
import { RepositoryAddress } from './repositoryAddress';

/** What a registry is beside its host: its kind, and the namespaces that the user's settings name. */
export interface RegistryOptions extends ReferrersIndexOptions {
  readonly provider?: RegistryProvider;
  readonly namespaces?: readonly string[];
}

/** A registry by its host. Makes no request until one is needed. */
export class Registry implements RegistryTarget {
  /** Its provider, with the abilities that are done in ways of its own. */
  readonly profile: RegistryProvider;
  private readonly context: ProviderContext;
  private readonly time: ReferrersIndexOptions;

  /** `host` is `host[:port]` as in references. */
  constructor(
    readonly host: string,
    private readonly transport: Transport,
    { provider = generic, namespaces = [], ...time }: RegistryOptions = {},
  ) {
    this.time = time;
    this.profile = provider;
    this.context = { host, transport, namespaces };
  }

  /** Asks whether there is a registry and how it lets in. Errors: SignInRequiredError, NetworkError, NotFoundError. */
  async ping(options?: WaitOptions): Promise<PingResult> {
    const response = await this.transport.send({ method: 'GET', host: this.host, path: '/v2/' }, options);
    if (response.status !== 200) {
      throw await registryFailure(response, { method: 'GET', what: `A registry at ${this.host}` });
    }
    discard(response);
    return { access: response.access };
  }

  repositories(options?: ListOptions): AsyncIterable<string> {
    const own = this.profile.listRepositories?.(this.context, options);
    return own ?? listRepositories(this.transport, this.host, options);
  }

  /** Errors: InvalidReferenceError. */
  repository(name: string): Repository {
    const untag = this.profile.untag?.bind(this.profile, this.context);
    return new Repository(new RepositoryAddress(this.transport, this.host, name), untag, this.time);
  }

  async removeRepository(name: string, options?: WaitOptions): Promise<void> {
    if (!this.profile.removeRepository) throw new UnsupportedError('deleting repositories', this.host);
    await this.profile.removeRepository(this.context, name, options);
  }

  async createRepository(name: string, options?: WaitOptions): Promise<void> {
    if (!this.profile.createRepository) throw new UnsupportedError('creating repositories', this.host);
    await this.profile.createRepository(this.context, name, options);
  }
}
