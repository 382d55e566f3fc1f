import { algorithmOf, digestOf, isDigest, type Digest } from '../oci/digest';
import { InvalidContentError, NotFoundError } from '../oci/errors';
import { MAX_MANIFEST_BYTES, parseManifest, type Manifest } from '../oci/manifest';
import { isImageManifestType } from '../oci/mediaTypes';
import { tagProblem } from '../oci/reference';
import type { StoredBlobs } from '../targets/layout/layoutSource';
import { missingBlob } from '../targets/layout/missingBlob';
import { readBody, send, type Exchange } from './exchange';
import { SpecError } from './specError';
import { checkedDigest, existingRepository, type Storage } from './storage';

interface ManifestRoute {
  readonly repository: string;
  readonly reference: string;
}

/** GET and HEAD of a manifest by tag or digest. Spec: distribution-spec v1.1.1, "Pulling manifests". */
export async function getManifest(storage: Storage, exchange: Exchange, route: ManifestRoute): Promise<void> {
  const reference = checkedReference(route.reference);
  const layout = await existingRepository(storage, route.repository);
  const { descriptor, bytes } = await orUnknown(route, layout.readManifest(reference));
  // Who only asks whether it is there is about to push what names it.
  if (exchange.request.method === 'HEAD') await layout.claimBlob(descriptor.digest);
  const headers = {
    'Content-Type': descriptor.mediaType,
    'Docker-Content-Digest': descriptor.digest,
    ETag: `"${descriptor.digest}"`,
  };
  send(exchange, { status: 200, headers, body: bytes });
}

/** PUT of a manifest. Spec: distribution-spec v1.1.1, "Pushing Manifests"; the `tag` parameters are of the draft behind it. */
export async function putManifest(storage: Storage, exchange: Exchange, route: ManifestRoute): Promise<void> {
  const reference = checkedReference(route.reference);
  const tags = tagsToSet(reference, exchange.query);
  const bytes = await readBody(exchange, MAX_MANIFEST_BYTES);
  if (!bytes) throw tooLarge();
  const digest = digestToStore(reference, bytes);
  const manifest = readManifest(bytes, exchange.request.headers['content-type']);
  const layout = storage.repositories.open(route.repository);
  const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.length };
  const check = (blobs: StoredBlobs) => refuseMissingBlobs(blobs, manifest);
  await layout.putManifest({ descriptor, bytes }, tags, { check });
  const headers = {
    Location: `/v2/${route.repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(manifest.subject && { 'OCI-Subject': manifest.subject.digest }),
    ...(exchange.query.has('tag') && { 'OCI-Tag': tags.join(', ') }),
  };
  send(exchange, { status: 201, headers });
}

/** DELETE by digest removes the manifest with its tags, by tag the tag alone. Spec: distribution-spec v1.1.1, "Content Management". */
export async function deleteManifest(
  storage: Storage,
  exchange: Exchange,
  route: ManifestRoute,
): Promise<void> {
  const reference = checkedReference(route.reference);
  const layout = await existingRepository(storage, route.repository);
  if (isDigest(reference)) {
    await orUnknown(
      route,
      layout.resolve(reference).then((found) => layout.remove(found)),
    );
  } else {
    await orUnknown(route, layout.untag(reference));
  }
  send(exchange, { status: 202 });
}

/** A reference with a colon can only be a digest. */
function checkedReference(reference: string): string {
  return reference.includes(':') ? checkedDigest(reference) : reference;
}

function tagsToSet(reference: string, query: URLSearchParams): readonly string[] {
  const tags = [...(isDigest(reference) ? [] : [reference]), ...query.getAll('tag')];
  const problem = tags.map(tagProblem).find((found) => found !== undefined);
  if (problem !== undefined) throw new SpecError(400, 'MANIFEST_INVALID', `The tag is refused: ${problem}.`);
  return [...new Set(tags)];
}

function digestToStore(reference: string, bytes: Buffer): Digest {
  if (!isDigest(reference)) return digestOf(bytes);
  const actual = digestOf(bytes, algorithmOf(reference));
  if (actual === reference) return actual;
  throw new SpecError(400, 'DIGEST_INVALID', `The manifest has digest ${actual}, not ${reference}.`);
}

function readManifest(bytes: Buffer, contentType: string | undefined): Manifest {
  const announced = contentType?.split(';')[0]?.trim().toLowerCase();
  const manifest = parseOrRefuse(bytes, announced);
  if (manifest.kind === 'docker-schema1') {
    const message =
      'Docker image manifests of schema 1 are not kept here: push the image with schema 2 or OCI.';
    throw new SpecError(400, 'MANIFEST_INVALID', message);
  }
  if (announced !== undefined && announced !== manifest.mediaType.toLowerCase()) {
    const message = `Content-Type says ${announced}, the manifest ${manifest.mediaType}.`;
    throw new SpecError(400, 'MANIFEST_INVALID', message);
  }
  if (isImageManifestType(manifest.mediaType) && !manifest.config) {
    throw new SpecError(400, 'MANIFEST_INVALID', 'The manifest names no config.');
  }
  return manifest;
}

function parseOrRefuse(bytes: Buffer, contentType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (error instanceof InvalidContentError) throw new SpecError(400, 'MANIFEST_INVALID', error.message);
    throw error;
  }
}

async function refuseMissingBlobs(blobs: StoredBlobs, manifest: Manifest): Promise<void> {
  const missing = await missingBlob(blobs, manifest);
  if (!missing) return;
  const { descriptor, actualSize } = missing;
  const { digest, size } = descriptor;
  if (actualSize === undefined) {
    const message = `The manifest names a blob that is not in the repository: ${digest} with ${size} bytes.`;
    throw new SpecError(404, 'MANIFEST_BLOB_UNKNOWN', message, { detail: { digest } });
  }
  const message = `${digest} has ${actualSize} bytes in the repository; the manifest says ${size}.`;
  throw new SpecError(400, 'SIZE_INVALID', message, { detail: { digest, size, actualSize } });
}

async function orUnknown<T>({ repository, reference }: ManifestRoute, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const message = `There is no manifest ${reference} in repository "${repository}".`;
    throw new SpecError(404, 'MANIFEST_UNKNOWN', message);
  }
}

function tooLarge(): SpecError {
  return new SpecError(413, 'SIZE_INVALID', `A manifest has at most ${MAX_MANIFEST_BYTES} bytes.`);
}
