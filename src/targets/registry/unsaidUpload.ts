import type { Descriptor } from '../../oci/descriptor';
import { RegistryError } from '../../oci/errors';
import type { TransferOptions } from '../../oci/target';
import { isBlobReadable } from './readableBlob';
import type { RepositoryAddress } from './repositoryAddress';

/** True for an answer that is a success, and not the one that the spec has for a blob that is stored or a place for it. */
export function isUnsaid(error: unknown): error is RegistryError {
  return error instanceof RegistryError && error.status >= 200 && error.status < 300;
}

/**
 * Runs the upload of a blob. Registries answer 202 to the last PUT, and 201 to a POST without a place: then a GET says
 * whether the blob is stored. Errors: those of the upload; RegistryError that names a blob which is not given.
 */
export async function judgedByGet(
  { address, descriptor }: { readonly address: RepositoryAddress; readonly descriptor: Descriptor },
  { signal, onBytes }: TransferOptions,
  upload: () => Promise<void>,
): Promise<void> {
  try {
    await upload();
  } catch (error) {
    if (!isUnsaid(error)) throw error;
    if (!(await isBlobReadable(address, descriptor, signal ? { signal } : {})))
      throw notStored(error, address.describe(descriptor.digest));
    if (error.failure.method === 'POST') onBytes?.(descriptor.size);
  }
}

function notStored({ failure }: RegistryError, what: string): RegistryError {
  const { method, url, status } = failure;
  return new RegistryError(
    failure,
    `${method} ${url} answered ${status}, which does not say that ${what} is stored, and the registry does not give it. Push it again, or ask the registry's owner why.`,
  );
}
