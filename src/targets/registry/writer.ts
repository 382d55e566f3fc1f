import type { Descriptor } from '../../oci/descriptor';
import { verifyBytes } from '../../oci/digest';
import { SignInRequiredError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES } from '../../oci/manifest';
import type { ContentSource, ManifestContent, TransferOptions, WaitOptions } from '../../oci/target';
import { discard, readCapped } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { pushInChunks, type ChunkedBlob } from './chunkedUpload';
import { expectStored } from './putManifest';
import type { RepositoryAddress } from './repositoryAddress';
import { judgedByGet } from './unsaidUpload';
import { beginUpload, cancelUpload, uploadLocation } from './uploadPlace';

/** Reads a manifest that is to be pushed, whole and checked. Errors: ContentMismatchError, InvalidContentError. */
export async function readForPush(
  descriptor: Descriptor,
  content: ContentSource,
  options: TransferOptions = {},
): Promise<ManifestContent> {
  const stream = await content.open(waitOf(options));
  const bytes = await readCapped(stream, MAX_MANIFEST_BYTES, `The manifest ${descriptor.digest}`);
  verifyBytes(bytes, descriptor, 'the source');
  return { descriptor, bytes };
}

/**
 * Takes a blob from another repository of the same registry; false when the registry wants the bytes instead.
 * Spec: distribution-spec v1.1.1, "Mounting a blob from another repository".
 */
export async function mountBlob(
  address: RepositoryAddress,
  { digest }: Descriptor,
  fromRepository: string,
  options: WaitOptions = {},
): Promise<boolean> {
  const from = address.sibling(fromRepository);
  const query = new URLSearchParams({ mount: digest, from: from.apiName }).toString();
  try {
    const response = await address.send(
      {
        method: 'POST',
        path: `${address.path('blobs/uploads/')}?${query}`,
        refusable: true,
        scopes: [address.scope('pull', 'push'), from.scope('pull')],
      },
      options,
    );
    return await isMounted(address, response, options);
  } catch (error) {
    // The right to read the other repository may be missing where the right to push here is not.
    if (error instanceof SignInRequiredError) return false;
    throw error;
  }
}

async function isMounted(address: RepositoryAddress, response: TransportResponse, options: WaitOptions) {
  if (response.status === 202) {
    discard(response);
    await cancelUpload(address, () => uploadLocation(response), options);
    return false;
  }
  if (response.status >= 500) throw await registryFailure(response, { method: 'POST' });
  discard(response);
  return response.status === 201;
}

/**
 * Stores a blob: whole, or in chunks where it is large or its host takes no large bodies.
 * Errors: RegistryError, InvalidContentError.
 */
export async function pushBlob(blob: ChunkedBlob, options: TransferOptions): Promise<void> {
  const { address, descriptor, ways } = blob;
  const isInChunks = ways.chunkBytesFor(address.host, descriptor.size) !== undefined;
  await judgedByGet(blob, options, async () => {
    if (!isInChunks || !(await pushInChunks(blob, options))) await pushWhole(blob, options);
  });
}

/** Stores a blob as one body, or in chunks where that turns out to be too large. Errors: as `pushBlob`. */
export async function pushWhole(blob: ChunkedBlob, options: TransferOptions): Promise<void> {
  const { address, ways } = blob;
  const { size } = blob.descriptor;
  const response = await putWhole(blob, options);
  const isTooLarge = response.status === 413 && ways.tooLarge(address.host, size);
  if (!isTooLarge) return expectStored(response);
  discard(response);
  options.onBytes?.(-size);
  await pushInChunks(blob, options);
}

/**
 * POST for a place, PUT of the whole blob there. Each try of the PUT gets a place of its own.
 * Spec: distribution-spec v1.1.1, "POST then PUT".
 */
function putWhole(
  { address, descriptor: { digest, size }, content }: ChunkedBlob,
  options: TransferOptions,
): Promise<TransportResponse> {
  const path = async () => {
    const { place } = await beginUpload(address, waitOf(options));
    place.searchParams.set('digest', digest);
    return place;
  };
  return address.send(
    {
      method: 'PUT',
      path,
      headers: { 'Content-Type': 'application/octet-stream' },
      body: content.bytes?.length === size ? content.bytes : { sizeBytes: size, content },
      scopes: [address.scope('pull', 'push')],
    },
    options,
  );
}

function waitOf({ signal }: TransferOptions): WaitOptions {
  return signal ? { signal } : {};
}
