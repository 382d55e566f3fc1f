import type { Descriptor } from '../../oci/descriptor';
import type { Digest } from '../../oci/digest';
import { InvalidContentError, NetworkError, SignInRequiredError } from '../../oci/errors';
import { mediaTypes } from '../../oci/mediaTypes';
import type { WaitOptions } from '../../oci/target';
import { apiHost } from '../../transport/dockerHub';
import { discard, readStart } from '../../transport/readCapped';
import { refuseWebPage } from '../../transport/refuseWebPage';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportResponse } from '../../transport/transport';
import { ask } from './reader';
import type { RepositoryAddress } from './repositoryAddress';

/** Asks for the first byte alone; more than that byte is not read, also where the registry gives the whole. */
const FIRST_BYTE = { Range: 'bytes=0-0' };

/**
 * True for a blob whose first byte arrives. A HEAD does not tell: registries answer it from a cache that outlives the
 * content, and stores behind a redirect refuse it. A refusal (403, 405, 501 …) is false, so that the blob is sent.
 * Errors: SignInRequiredError for 401; RegistryError for 429; NetworkError, and InvalidContentError for a web page, of the
 * registry itself.
 */
export async function isBlobReadable(
  address: RepositoryAddress,
  descriptor: Descriptor,
  options: WaitOptions = {},
): Promise<boolean> {
  const response = await firstByteOf(address, descriptor, options);
  if (!response) return false;
  const { status } = response;
  if (status === 429) throw await registryFailure(response, { method: 'GET' });
  if (address.isOwn(response.url)) refuseWebPage(response, 'GET');
  if (isGiven(response) && isOfSize(response, descriptor.size)) {
    // Docker's registry announces the byte of a file that is gone, and then closes the connection.
    const start = await readStart(response.body, 2);
    options.signal?.throwIfAborted();
    return start.length > 0 || descriptor.size === 0;
  }
  discard(response);
  return status === 416 && descriptor.size === 0;
}

/**
 * A blob's descriptor by its digest, with the size that a GET tells. Errors: NotFoundError, InvalidContentError where
 * the registry does not tell the size.
 */
export async function resolveBlob(
  address: RepositoryAddress,
  digest: Digest,
  options?: WaitOptions,
): Promise<Descriptor> {
  const unsized = { mediaType: mediaTypes.octets, digest, size: 0 };
  const request = { method: 'GET', descriptor: unsized } as const;
  const what = address.describe(digest);
  for (const headers of [FIRST_BYTE, {}]) {
    const response = await ask(address, { ...request, headers }, options);
    const size = sizeIn(response);
    const isEmpty = response.status === 416 && size === 0;
    if (!isGiven(response) && !isEmpty) throw await registryFailure(response, { method: 'GET', what });
    discard(response);
    if (size !== undefined) return { ...unsized, size };
  }
  throw new InvalidContentError(what, 'the registry does not tell its size');
}

/** Undefined where the registry, or the store that it leads to, gives no answer that could be read. */
async function firstByteOf(
  address: RepositoryAddress,
  descriptor: Descriptor,
  options: WaitOptions,
): Promise<TransportResponse | undefined> {
  const request = { method: 'GET', descriptor, headers: FIRST_BYTE, refusable: 'forbidden' } as const;
  try {
    return await ask(address, request, options);
  } catch (error) {
    const isForbidden = error instanceof SignInRequiredError && error.status === 403;
    const isElsewhere = error instanceof NetworkError && error.host !== apiHost(address.host);
    if (isForbidden || isElsewhere || error instanceof InvalidContentError) return undefined;
    throw error;
  }
}

function isGiven({ status }: TransportResponse): boolean {
  return status === 200 || status === 206;
}

/** A page that asks to sign in has another size than the blob, or tells none. */
function isOfSize(response: TransportResponse, sizeBytes: number): boolean {
  const told = sizeIn(response);
  const isPage = /\bhtml\b/i.test(response.headers.get('content-type') ?? '');
  return told === undefined ? !isPage : told === sizeBytes;
}

/** The size of the whole content, by the headers; undefined where they do not tell. */
function sizeIn({ status, headers }: TransportResponse): number | undefined {
  const range = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const length = status === 200 ? (headers.get('content-length') ?? '') : '';
  const told = range ?? length;
  return /^\d{1,16}$/.test(told) ? Number(told) : undefined;
}
