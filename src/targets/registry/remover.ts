import type { Descriptor } from '../../oci/descriptor';
import { type RegistryError, UnsupportedError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { RepositoryAddress } from './repositoryAddress';

/**
 * Deletes by digest; a manifest takes every tag on it along. Errors: NotFoundError, UnsupportedError where the
 * registry does not allow it. Spec: distribution-spec v1.1.1, "Content Management".
 */
export async function removeContent(
  address: RepositoryAddress,
  descriptor: Descriptor,
  options?: WaitOptions,
): Promise<void> {
  const response = await address.transport.send(
    {
      method: 'DELETE',
      host: address.host,
      path: address.contentPath(descriptor),
      scopes: [address.scope('pull', 'delete')],
    },
    options,
  );
  if (response.status >= 200 && response.status < 300) return discard(response);
  const error = await registryFailure(response, {
    method: 'DELETE',
    what: address.describe(descriptor.digest),
  });
  throw isRefusal(error) ? new UnsupportedError('deleting', address.host, { cause: error }) : error;
}

function isRefusal({ status, failure }: RegistryError): boolean {
  return status === 405 || status === 501 || failure.details.some(({ code }) => code === 'UNSUPPORTED');
}
