import type { ListOptions, RepositoryLister, WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { Access, Transport } from '../../transport/transport';
import { listRepositories } from './lister';
import { Repository } from './repository';
import { RepositoryAddress } from './repositoryAddress';

/**
 * What a registry said to a first request. `open`: it never asked who is there, so credentials were neither sent nor
 * checked. `anonymous`: it gave a token to a stranger. `credentials`: it checked and took the user's.
 */
export interface PingResult {
  readonly access: Access;
}

/** A registry by its host. Makes no request until one is needed. */
export class Registry implements RepositoryLister {
  /** `host` is `host[:port]` as in references. */
  constructor(
    readonly host: string,
    private readonly transport: Transport,
  ) {}

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
    return listRepositories(this.transport, this.host, options);
  }

  /** Errors: InvalidReferenceError. */
  repository(name: string): Repository {
    return new Repository(new RepositoryAddress(this.transport, this.host, name));
  }
}
