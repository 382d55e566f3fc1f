import { algorithmOf, isDigest, type Digest } from '../../oci/digest';
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
 * Stores a manifest under a tag or its digest. The bytes of one that goes to a tag could change on their way: where the
 * registry says that it stored something else, which may name what is not there, it is sent once more.
 * Errors: RegistryError; ContentMismatchError when something else was stored again.
 * Spec: distribution-spec v1.1.1, "Pushing Manifests".
 */
export async function putManifest(
  address: RepositoryAddress,
  manifest: ManifestContent,
  reference: string,
  options: TransferOptions = {},
): Promise<StoredManifest> {
  const { digest } = manifest.descriptor;
  let response = await put(address, manifest, reference, options);
  if (storedInstead(response, digest) !== undefined && !isDigest(reference))
    response = await put(address, manifest, reference, { ...options, onBytes: () => undefined });
  const other = storedInstead(response, digest);
  if (other !== undefined) throw new ContentMismatchError(digest, other, address.describe(reference));
  return { subjectListed: response.headers.get('oci-subject') !== null };
}

async function put(
  address: RepositoryAddress,
  { descriptor, bytes }: ManifestContent,
  reference: string,
  options: TransferOptions,
): Promise<TransportResponse> {
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
  return response;
}

/** The digest of what was stored in place of what was sent, as far as the registry says it. */
function storedInstead({ headers }: TransportResponse, digest: Digest): Digest | undefined {
  const stored = headers.get('docker-content-digest') ?? '';
  const isComparable = isDigest(stored) && algorithmOf(stored) === algorithmOf(digest);
  return isComparable && stored !== digest ? stored : undefined;
}

/** Errors: RegistryError unless the answer says that what was sent is stored. */
export async function expectStored(response: TransportResponse): Promise<void> {
  if (!STORED.has(response.status)) throw await registryFailure(response, { method: 'PUT' });
  discard(response);
}
