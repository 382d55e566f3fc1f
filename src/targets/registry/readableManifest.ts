import type { Descriptor } from '../../oci/descriptor';
import { verifyBytes } from '../../oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  NetworkError,
  SignInRequiredError,
} from '../../oci/errors';
import { MAX_MANIFEST_BYTES } from '../../oci/manifest';
import type { WaitOptions } from '../../oci/target';
import { isDockerHub } from '../../transport/dockerHub';
import { discard, readCapped } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { ask, type ContentRequest } from './reader';
import type { RepositoryAddress } from './repositoryAddress';

/** Whether a manifest can be had: `unsaid` where the registry refuses to say. */
export type ReadableState = 'readable' | 'missing' | 'unsaid';

/**
 * Reads a manifest whole by its digest. Docker Hub, which counts each GET of a manifest as a pull, is asked by HEAD.
 * Errors: SignInRequiredError for 401; RegistryError for 429 and 5xx; NetworkError.
 */
export async function lookForManifest(
  address: RepositoryAddress,
  descriptor: Descriptor,
  { signal, ...request }: WaitOptions & Pick<ContentRequest, 'refusable'> = {},
): Promise<ReadableState> {
  const method = isDockerHub(address.host) ? 'HEAD' : 'GET';
  const wait = signal ? { signal } : {};
  try {
    const response = await ask(address, { method, descriptor, ...request }, wait);
    const { status } = response;
    if (status === 429 || status >= 500) throw await registryFailure(response, { method });
    if (status === 200) return await judge(response, { address, descriptor, method }, wait);
    discard(response);
    return status === 404 ? 'missing' : 'unsaid';
  } catch (error) {
    const isOther = error instanceof ContentMismatchError || error instanceof InvalidContentError;
    if (isOther) return 'missing';
    if (error instanceof SignInRequiredError && error.status === 403) return 'unsaid';
    throw error;
  }
}

interface Looked extends Pick<ContentRequest, 'method' | 'descriptor'> {
  readonly address: RepositoryAddress;
}

async function judge(
  response: TransportResponse,
  { address, descriptor, method }: Looked,
  { signal }: WaitOptions,
): Promise<ReadableState> {
  if (method === 'HEAD') {
    discard(response);
    return response.headers.get('docker-content-digest') === descriptor.digest ? 'readable' : 'missing';
  }
  const what = address.describe(descriptor.digest);
  try {
    verifyBytes(await readCapped(response.body, MAX_MANIFEST_BYTES, what), descriptor, what);
    return 'readable';
  } catch (error) {
    signal?.throwIfAborted();
    // A connection that broke midway says nothing of the manifest.
    if (error instanceof NetworkError) return 'unsaid';
    throw error;
  }
}
