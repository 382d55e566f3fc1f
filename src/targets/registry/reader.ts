import type { Readable } from 'node:stream';
import { ArrivingBytes } from '../../oci/arrivingBytes';
import type { Descriptor } from '../../oci/descriptor';
import { ContentCheck, digestOf, isDigest, verifyBytes, type Digest } from '../../oci/digest';
import { InvalidContentError, NotFoundError, SignInRequiredError } from '../../oci/errors';
import { MAX_MANIFEST_BYTES, parseUsable } from '../../oci/manifest';
import { isStoredAsManifest, manifestAccept } from '../../oci/mediaTypes';
import type { ManifestContent, WaitOptions } from '../../oci/target';
import { discard, readCapped } from '../../transport/readCapped';
import { registryFailure } from '../../transport/registryFailure';
import type { TransportRequest, TransportResponse } from '../../transport/transport';
import type { RepositoryAddress } from './repositoryAddress';
import { resumingPipe } from './resumingPipe';

/**
 * Tag or digest to descriptor, by HEAD; by GET where HEAD is refused or led elsewhere, or its headers do not make sense together.
 * Errors: NotFoundError, ContentMismatchError.
 */
export async function resolveManifest(
  address: RepositoryAddress,
  reference: string,
  options?: WaitOptions,
): Promise<Descriptor> {
  const announced = await announcedManifest(address, reference, options).catch(undefinedIfForbidden);
  return announced ?? (await readManifest(address, reference, options)).descriptor;
}

/** Refusals of a HEAD that hold for a GET as well; any other may be about the method alone. */
const IS_AN_ANSWER: ReadonlySet<number> = new Set([401, 404, 429]);

async function announcedManifest(
  address: RepositoryAddress,
  reference: string,
  options?: WaitOptions,
): Promise<Descriptor | undefined> {
  const response = await sendForManifest(address, 'HEAD', reference, options);
  if (IS_AN_ANSWER.has(response.status))
    throw await registryFailure(response, { method: 'HEAD', what: address.describe(reference) });
  discard(response);
  const isItsWord = response.status === 200 && address.isOwn(response.url);
  return isItsWord ? announcedDescriptor(response, reference) : undefined;
}

function undefinedIfForbidden(error: unknown): undefined {
  if (!(error instanceof SignInRequiredError) || error.status !== 403) throw error;
}

/**
 * A manifest's bytes. Their digest is computed here; a tag's must be what the registry's `Docker-Content-Digest` says
 * as well, where it says something: nothing else tells that the bytes changed on their way.
 * Errors: NotFoundError, ContentMismatchError, InvalidContentError.
 */
export async function readManifest(
  address: RepositoryAddress,
  reference: string,
  options?: WaitOptions,
): Promise<ManifestContent> {
  const { bytes, digest, contentType } = await readManifestBytes(address, reference, options);
  const mediaType = mediaTypeOf(bytes, contentType, address.describe(reference));
  return { bytes, descriptor: { mediaType, digest, size: bytes.length } };
}

/** A manifest before it is read as one. `contentType` is the registry's word. */
export interface ManifestBytes {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly contentType: string | undefined;
}

/** The bytes alone, verified as `readManifest` does. Errors: NotFoundError, ContentMismatchError. */
export async function readManifestBytes(
  address: RepositoryAddress,
  reference: string,
  options?: WaitOptions,
): Promise<ManifestBytes> {
  const response = await sendForManifest(address, 'GET', reference, options);
  const where = address.describe(reference);
  if (response.status !== 200) throw await registryFailure(response, { method: 'GET', what: where });
  const bytes = await readCapped(response.body, MAX_MANIFEST_BYTES, `The manifest ${where}`);
  const announced = response.headers.get('docker-content-digest') ?? '';
  const expected = isDigest(reference) ? reference : announced;
  if (isDigest(expected)) verifyBytes(bytes, { digest: expected, size: bytes.length }, where);
  const digest = isDigest(reference) ? reference : digestOf(bytes);
  return { bytes, digest, contentType: response.headers.get('content-type') ?? undefined };
}

/** Errors: InvalidContentError that says where the manifest is. */
function mediaTypeOf(bytes: Uint8Array, contentType: string | undefined, where: string): string {
  try {
    return parseUsable(bytes, contentType).mediaType;
  } catch (error) {
    if (!(error instanceof InvalidContentError)) throw error;
    throw new InvalidContentError(`The manifest ${where}`, error.reason, { cause: error });
  }
}

/**
 * Content as a stream that fails unless it is what the descriptor says. A connection that breaks is taken up where it
 * ended. Errors: NotFoundError; in the stream: ContentMismatchError, NetworkError.
 */
export async function fetchContent(
  address: RepositoryAddress,
  descriptor: Descriptor,
  options?: WaitOptions,
): Promise<Readable> {
  const response = await ask(address, { method: 'GET', descriptor }, options);
  const what = address.describe(descriptor.digest);
  if (response.status !== 200) throw await registryFailure(response, { method: 'GET', what });
  const verified = new ArrivingBytes({ check: new ContentCheck(descriptor, what) });
  // It may fail before the caller listens; whoever reads it then still meets the failure.
  verified.on('error', () => undefined);
  resumingPipe(response.body, verified, {
    sizeBytes: descriptor.size,
    open: (firstByte, lastByte) => fetchRange(address, { descriptor, firstByte, lastByte }, options),
  });
  return verified;
}

/**
 * A blob from a byte on, unchecked; undefined where the registry gives only the whole. A connection that breaks is
 * taken up where it ended. No `If-Range`: what a digest names does not change. Errors, in the stream: NetworkError.
 */
export async function fetchContentFrom(
  address: RepositoryAddress,
  { descriptor, firstByte }: { readonly descriptor: Descriptor; readonly firstByte: number },
  options?: WaitOptions,
): Promise<Readable | undefined> {
  const body = await fetchRange(address, { descriptor, firstByte }, options);
  if (!body) return undefined;
  const rest = new ArrivingBytes();
  resumingPipe(body, rest, {
    sizeBytes: descriptor.size,
    firstByte,
    open: (from, lastByte) => fetchRange(address, { descriptor, firstByte: from, lastByte }, options),
  });
  return rest;
}

interface ByteRange {
  readonly descriptor: Descriptor;
  readonly firstByte: number;
  readonly lastByte?: number | undefined;
}

/** Spec: distribution-spec v1.1.1, "Pulling blobs": range requests are optional. */
async function fetchRange(
  address: RepositoryAddress,
  { descriptor, firstByte, lastByte }: ByteRange,
  options?: WaitOptions,
): Promise<Readable | undefined> {
  const headers = { Range: `bytes=${firstByte}-${lastByte ?? ''}` };
  const response = await ask(address, { method: 'GET', descriptor, headers }, options);
  const range = response.headers.get('content-range') ?? '';
  if (response.status === 206 && range.startsWith(`bytes ${firstByte}-`)) return response.body;
  discard(response);
  return undefined;
}

/** A request for content, whose `headers` go beside `Accept`. */
export interface ContentRequest extends Pick<TransportRequest, 'headers' | 'refusable'> {
  readonly method: 'HEAD' | 'GET';
  readonly descriptor: Descriptor;
}

/** Asks for a manifest or a blob by digest, as the media type says, and gives the answer whatever its status. */
export async function ask(
  address: RepositoryAddress,
  { descriptor, headers, ...request }: ContentRequest,
  options?: WaitOptions,
): Promise<TransportResponse> {
  const accept = isStoredAsManifest(descriptor.mediaType) && {
    Accept: `${descriptor.mediaType}, ${manifestAccept}`,
  };
  return address.send(
    {
      ...request,
      path: address.contentPath(descriptor),
      scopes: [address.scope('pull')],
      headers: { ...accept, ...headers },
    },
    options,
  );
}

function sendForManifest(
  address: RepositoryAddress,
  method: 'HEAD' | 'GET',
  reference: string,
  options?: WaitOptions,
): Promise<TransportResponse> {
  const headers = { Accept: manifestAccept };
  const scopes = [address.scope('pull')];
  const path = address.manifestPath(reference);
  const refusable = method === 'HEAD' && 'forbidden';
  return address.send({ method, path, headers, scopes, refusable }, options);
}

/** What the headers of a HEAD tell; undefined when one is missing or unusable, or is about something else. */
function announcedDescriptor({ headers }: TransportResponse, reference: string): Descriptor | undefined {
  const digest = headers.get('docker-content-digest') ?? '';
  const length = headers.get('content-length') ?? '';
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim() ?? '';
  const size = /^\d+$/.test(length) ? Number(length) : 0;
  // No manifest is empty or larger than is read, and the length of a compressed body is not its size.
  const isSized = size > 0 && size <= MAX_MANIFEST_BYTES && isPlain(headers.get('content-encoding'));
  if (!isDigest(digest) || !isSized || !isStoredAsManifest(mediaType)) return undefined;
  return isDigest(reference) && digest !== reference ? undefined : { mediaType, digest, size };
}

function isPlain(encoding: string | null): boolean {
  return encoding === null || encoding.trim() === '' || encoding.trim().toLowerCase() === 'identity';
}

/** The manifest under a tag or digest, or undefined when there is none. */
export async function readManifestIfThere(
  address: RepositoryAddress,
  reference: string,
  options?: WaitOptions,
): Promise<ManifestContent | undefined> {
  return readManifest(address, reference, options).catch(undefinedIfNotFound);
}

/** Throws any error but that something is not there. */
export function undefinedIfNotFound(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}
