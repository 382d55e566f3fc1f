import type { WaitOptions } from '../../../oci/target';
import { discard } from '../../../transport/readCapped';
import { registryFailure } from '../../../transport/registryFailure';
import { RepositoryAddress } from '../repositoryAddress';
import type { RegistryProvider } from './provider';

/** Registries of the public cloud, of China and of the US government. Data endpoints (`….data.…`) are not registries. */
const LOGIN_SERVER = /^[a-z0-9]+(?:-[a-z0-9]+)?\.azurecr\.(?:io|cn|us)(?::443)?$/i;
const API_VERSION = '2021-07-01';

/**
 * Azure Container Registry. It lists by the catalog, and has paths of its own for removing tags and repositories.
 * Source: Azure REST API, "Container Registry", 2021-07-01: `ContainerRegistry_DeleteTag`, `…_DeleteRepository`.
 */
export const azureAcr: RegistryProvider = {
  kind: 'azureAcr',
  name: 'Azure Container Registry',
  signIn: {
    usernamePrompt: 'Application id of a service principal, or name of a token or of the admin user',
  },
  matches: (host) => LOGIN_SERVER.test(host),
  untag: async ({ host, transport }, { repository, tag }, options) => {
    const address = new RepositoryAddress(transport, host, repository);
    const path = `${address.apiName}/_tags/${address.tag(tag)}`;
    await remove(address, { path, what: address.describe(tag) }, options);
  },
  removeRepository: async ({ host, transport }, repository, options) => {
    const address = new RepositoryAddress(transport, host, repository);
    await remove(address, { path: address.apiName, what: address.describe() }, options);
  },
};

/** A locked tag or repository is refused with 405: its own words say so, as a RegistryError. */
async function remove(
  address: RepositoryAddress,
  { path, what }: { readonly path: string; readonly what: string },
  options?: WaitOptions,
): Promise<void> {
  const request = {
    method: 'DELETE',
    path: `/acr/v1/${path}?api-version=${API_VERSION}`,
    scopes: [address.scope('delete')],
  } as const;
  const response = await address.send(request, options);
  if (response.status < 200 || response.status > 299) {
    throw await registryFailure(response, { method: 'DELETE', what });
  }
  discard(response);
}
