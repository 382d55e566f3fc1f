import type { RegistryProfile } from '../../../oci/registryProfile';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import type { Transport } from '../../../transport/transport';

/** What a provider works with. `namespaces` are those of the user's settings: organizations, projects. */
export interface ProviderContext {
  readonly host: string;
  readonly transport: Transport;
  readonly namespaces: readonly string[];
}

/**
 * A kind of registry with ways of its own. Each ability is optional: what is left out is done as the spec says. An
 * ability that the registry does not have after all fails with UnsupportedError.
 */
export interface RegistryProvider extends RegistryProfile {
  /** True for a host that belongs to this kind by its name. */
  matches(host: string): boolean;
  /** Repository names in the registry's own way, where the catalog is refused or incomplete. */
  listRepositories?(context: ProviderContext, options?: ListOptions): AsyncIterable<string>;
  /** Removes one tag and leaves the manifest. */
  untag?(
    context: ProviderContext,
    at: { repository: string; tag: string },
    options?: WaitOptions,
  ): Promise<void>;
  /** Removes a repository with all that is in it. */
  removeRepository?(context: ProviderContext, repository: string, options?: WaitOptions): Promise<void>;
  /** Makes an empty repository, where a push does not. */
  createRepository?(context: ProviderContext, repository: string, options?: WaitOptions): Promise<void>;
}
