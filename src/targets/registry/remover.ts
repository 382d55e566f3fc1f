import type { Descriptor } from '../../oci/descriptor';
import { type RegistryError, UnsupportedError } from '../../oci/errors';
import type { WaitOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { RepositoryAddress } from './repositoryAddress';

/** `refusable`: nobody is asked to sign in when it is refused. */
export interface RemoveOptions extends WaitOptions {
  readonly refusable?: boolean;
}

const REFUSALS = ['UNSUPPORTED', 'DIGEST_INVALID'];

/**
 * Deletes by digest; a manifest takes every tag on it along. Errors: NotFoundError, UnsupportedError where the
 * registry does not allow it. Spec: distribution-spec v1.1.1, "Content Management".
 */
export async function removeContent(
  address: RepositoryAddress,
  descriptor: Descriptor,
  options?: RemoveOptions,
): Promise<void> {
  const request = { path: address.contentPath(descriptor), what: address.describe(descriptor.digest) };
  await remove(address, { ...request, ability: 'deleting' }, options);
}

/**
 * Deletes one tag and leaves the manifest; a digest is refused, since its manifest would go. Errors: NotFoundError,
 * InvalidReferenceError, UnsupportedError where the registry does not allow it. Spec: distribution-spec v1.1.1, "Deleting tags".
 */
export async function removeTag(
  address: RepositoryAddress,
  tag: string,
  options?: WaitOptions,
): Promise<void> {
  const request = { path: address.manifestPath(address.tag(tag)), what: address.describe(tag) };
  await remove(address, { ...request, ability: 'removing a tag alone' }, options);
}

async function remove(
  address: RepositoryAddress,
  { path, what, ability }: { readonly path: string; readonly what: string; readonly ability: string },
  { refusable = false, ...options }: RemoveOptions = {},
): Promise<void> {
  const scopes = [address.scope('pull', 'delete')];
  const response = await address.send({ method: 'DELETE', path, scopes, refusable }, options);
  if (response.status >= 200 && response.status < 300) return discard(response);
  const error = await registryFailure(response, { method: 'DELETE', what });
  throw isRefusal(error) ? new UnsupportedError(ability, address.host, { cause: error }) : error;
}

/** distribution 2.8 has no deletion by tag: it takes the tag for a digest, and says that it is not one. */
function isRefusal({ status, failure }: RegistryError): boolean {
  const codes = failure.details.map(({ code }) => code);
  return status === 405 || status === 501 || codes.some((code) => REFUSALS.includes(code));
}
