import type { CredentialProvider } from '../../oci/credential';
import { UnsupportedError } from '../../oci/errors';
import type { PingResult, RegistryTarget } from '../../oci/registryTarget';
import type { ListOptions, WaitOptions } from '../../oci/target';
import { refusePingPage } from '../../transport/refuseWebPage';
import { registryFailure } from '../../transport/registryFailure';
import type { Transport } from '../../transport/transport';
import { listRepositories } from './lister';
import { firstSupportedList } from './providers/fallback';
import { generic } from './providers/generic';
import { kindOf } from './providers/kindOf';
import type { ProviderContext, RegistryProvider } from './providers/provider';
import { Repository, type RepositoryOptions } from './repository';
import { RepositoryAddress } from './repositoryAddress';
import { UploadWays } from './uploadWays';

/** What a registry is beside its host: its kind, and the namespaces that the user's settings name. */
export interface RegistryOptions extends RepositoryOptions {
  readonly provider?: RegistryProvider;
  readonly namespaces?: readonly string[];
  /** For a provider's API that takes the registry's sign-ins. */
  readonly credentials?: CredentialProvider;
}

const ANONYMOUS: CredentialProvider = { credentialFor: async () => undefined };

/** A registry by its host. Makes no request until one is needed. */
export class Registry implements RegistryTarget {
  /** Its provider, with the abilities that are done in ways of its own. */
  readonly profile: RegistryProvider;
  private readonly context: ProviderContext;
  private readonly options: RepositoryOptions;

  /** `host` is `host[:port]` as in references. */
  constructor(
    readonly host: string,
    private readonly transport: Transport,
    { provider = generic, namespaces = [], credentials = ANONYMOUS, ...options }: RegistryOptions = {},
  ) {
    // One for all of its repositories: what a host takes is learned once.
    this.options = { uploads: new UploadWays(), ...options };
    this.profile = provider;
    this.context = { host, transport, namespaces, credentials };
  }

  /** Asks whether there is a registry and how it lets in. Errors: SignInRequiredError, NetworkError, NotFoundError, InvalidContentError. */
  async ping(options?: WaitOptions): Promise<PingResult> {
    const response = await this.transport.send({ method: 'GET', host: this.host, path: '/v2/' }, options);
    if (response.status !== 200) {
      throw await registryFailure(response, { method: 'GET', what: `A registry at ${this.host}` });
    }
    await refusePingPage(response);
    const kind = kindOf(this.transport.tokenServer(this.host));
    return { access: response.access, ...(kind && { kind }) };
  }

  repositories(options?: ListOptions): AsyncIterable<string> {
    const { profile, context } = this;
    const catalog = () => listRepositories(this.transport, this.host, options);
    const own = profile.listRepositories?.bind(profile, context, options);
    return own ? firstSupportedList(own, catalog) : catalog();
  }

  /** Errors: InvalidReferenceError. */
  repository(name: string): Repository {
    const { profile, context } = this;
    const untag = profile.untag?.bind(profile, context);
    const removeManifest = profile.removeManifest?.bind(profile, context);
    const own = { ...(untag && { untag }), ...(removeManifest && { removeManifest }) };
    return new Repository(new RepositoryAddress(this.transport, this.host, name), own, this.options);
  }

  async removeRepository(name: string, options?: WaitOptions): Promise<void> {
    if (!this.profile.removeRepository) throw new UnsupportedError('deleting repositories', this.host);
    await this.profile.removeRepository(this.context, this.apiName(name), options);
  }

  async createRepository(name: string, options?: WaitOptions): Promise<void> {
    if (!this.profile.createRepository) throw new UnsupportedError('creating repositories', this.host);
    await this.profile.createRepository(this.context, name, options);
  }

  /** Errors: InvalidReferenceError, so that no path can be smuggled into the request of a provider. */
  private apiName(name: string): string {
    return new RepositoryAddress(this.transport, this.host, name).apiName;
  }
}
