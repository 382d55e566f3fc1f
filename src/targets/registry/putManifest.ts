import { algorithmOf, isDigest } from '../../oci/digest';
import { ContentMismatchError } from '../../oci/errors';
import type { ManifestContent, TransferOptions } from '../../oci/target';
import { discard } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import type { RepositoryAddress } from './repositoryAddress';

const STORED = new Set([200, 201, 204]);

/** What a registry did with a manifest. */
export interface StoredManifest {
  /** True when the registry says that it lists the manifest with its subject. Spec: header `OCI-Subject`. */
  readonly subjectListed: boolean;
}

/**
 * Stores a manifest under a tag or its digest. Errors: RegistryError; ContentMismatchError when the registry says that it
 * stored something else: the bytes of one that goes to a tag could change on their way.
 * Spec: distribution-spec v1.1.1, "Pushing Manifests".
 */
export async function putManifest(
  address: RepositoryAddress,
  { descriptor, bytes }: ManifestContent,
  reference: string,
  options: TransferOptions = {},
): Promise<StoredManifest> {
  const response = await address.send(
    {
      method: 'PUT',
      path: address.manifestPath(reference),
      headers: { 'Content-Type': descriptor.mediaType },
      body: bytes,
      scopes: [address.scope('pull', 'push')],
    },
    options,
  );
  await expectStored(response);
  const stored = response.headers.get('docker-content-digest') ?? '';
  const isComparable = isDigest(stored) && algorithmOf(stored) === algorithmOf(descriptor.digest);
  if (isComparable && stored !== descriptor.digest)
    throw new ContentMismatchError(descriptor.digest, stored, address.describe(reference));
  return { subjectListed: response.headers.get('oci-subject') !== null };
}

/** Errors: RegistryError unless the answer says that what was sent is stored. */
export async function expectStored(response: TransportResponse): Promise<void> {
  if (!STORED.has(response.status)) throw await registryFailure(response, { method: 'PUT' });
  discard(response);
}
