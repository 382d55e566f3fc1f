import type { CredentialProvider } from '../../../oci/credential';
import type { Digest } from '../../../oci/digest';
import type { RegistryProfile } from '../../../oci/registryProfile';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import type { Transport } from '../../../transport/transport';

/** What a provider works with. `namespaces` are those of the user's settings: organizations, projects. */
export interface ProviderContext {
  readonly host: string;
  readonly transport: Transport;
  readonly namespaces: readonly string[];
  /** The registry's sign-ins, for an API beside it that takes the same ones. */
  readonly credentials: CredentialProvider;
}

/**
 * A kind of registry with ways of its own. Each ability is optional: what is left out is done as the spec says. An
 * ability that the registry does not have after all fails with UnsupportedError, and is then done as the spec says.
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
  /** Removes a manifest with every tag on it. */
  removeManifest?(
    context: ProviderContext,
    at: { repository: string; digest: Digest },
    options?: WaitOptions,
  ): Promise<void>;
  /** Removes a repository with all that is in it. */
  removeRepository?(context: ProviderContext, repository: string, options?: WaitOptions): Promise<void>;
  /** Makes an empty repository, where a push does not. */
  createRepository?(context: ProviderContext, repository: string, options?: WaitOptions): Promise<void>;
}
