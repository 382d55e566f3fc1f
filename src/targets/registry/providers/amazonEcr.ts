import type { RegistryProfile } from '../../../oci/registryProfile';
import type { ListOptions, WaitOptions } from '../../../oci/target';
import { ecrHostOf } from './amazonEcrHost';
import { Catalog, listParts } from './parts';
import type { ProviderContext, RegistryProvider } from './provider';

/** What AWS's API does for a registry host, signed with the user's AWS credentials. */
export interface EcrApi {
  /**
   * Names as they stand in references; undefined where there are no AWS credentials, only a password for the registry.
   * Errors: RegistryError, SignInRequiredError, CredentialStoreError, NetworkError.
   */
  repositories(host: string, options?: ListOptions): Promise<AsyncIterable<string> | undefined>;
  /** Errors: RegistryError, SignInRequiredError, CredentialStoreError, NetworkError. */
  createRepository(host: string, repository: string, options?: WaitOptions): Promise<void>;
  /** Removes it with all that is in it. Errors: NotFoundError and those of `createRepository`. */
  removeRepository(host: string, repository: string, options?: WaitOptions): Promise<void>;
}

const PROFILE: Omit<RegistryProfile, 'kind' | 'name'> = {
  signIn: { username: 'AWS', secretPrompt: 'Password, as `aws ecr get-login-password` prints it' },
  needsRepository: true,
  refusesEmptyBlobs: true,
};

/** Amazon ECR, private registries. */
export function amazonEcr(api: EcrApi): RegistryProvider {
  return { ...PROFILE, kind: 'amazonEcr', name: 'Amazon ECR', ...abilities(api, 'private') };
}

/** Amazon ECR Public. */
export function amazonEcrPublic(api: EcrApi): RegistryProvider {
  return { ...PROFILE, kind: 'amazonEcrPublic', name: 'Amazon ECR Public', ...abilities(api, 'public') };
}

type Abilities = Omit<RegistryProvider, keyof RegistryProfile>;

function abilities(api: EcrApi, visibility: 'private' | 'public'): Abilities {
  return {
    matches: (host) => ecrHostOf(host)?.visibility === visibility,
    listRepositories: (context, options) => repositories(api, context, options),
    createRepository: ({ host }, repository, options) => api.createRepository(host, repository, options),
    removeRepository: ({ host }, repository, options) => api.removeRepository(host, repository, options),
  };
}

/**
 * A password from elsewhere opens the registry, not the API: then its catalog is asked, as for any registry, and so it is
 * where the API says no.
 */
async function* repositories(
  api: EcrApi,
  context: ProviderContext,
  options: ListOptions = {},
): AsyncGenerator<string, void> {
  const catalog = new Catalog(context, options);
  const list = async function* () {
    yield* (await api.repositories(context.host, options)) ?? catalog.whole();
  };
  yield* listParts([{ list, inRegistry: () => catalog.whole() }], options);
}
