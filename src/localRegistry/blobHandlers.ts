import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../oci/digest';
import { parseRange, type ByteRange } from './byteRange';
import { send, type Exchange } from './exchange';
import { SpecError } from './specError';
import { checkedDigest, existingRepository, type Storage } from './storage';

const READ_AHEAD_BYTES = 1024 * 1024;

interface BlobRoute {
  readonly repository: string;
  readonly digest: string;
}

/** GET and HEAD of a blob, whole or one range of it. Spec: distribution-spec v1.1.1, "Pulling blobs". */
export async function getBlob(storage: Storage, exchange: Exchange, route: BlobRoute): Promise<void> {
  const digest = checkedDigest(route.digest);
  const layout = await existingRepository(storage, route.repository);
  // Who only asks whether it is there is about to push a manifest that names it.
  if (exchange.request.method === 'HEAD') await layout.claimBlob(digest);
  const file = await layout.openBlob(digest);
  if (!file) throw blobUnknown(route);
  try {
    await sendBlob(exchange, file, digest);
  } finally {
    await file.close();
  }
}

/** Spec: distribution-spec v1.1.1, "Deleting Blobs". A manifest is refused here: index.json would go on listing it. */
export async function deleteBlob(storage: Storage, exchange: Exchange, route: BlobRoute): Promise<void> {
  const digest = checkedDigest(route.digest);
  const layout = await existingRepository(storage, route.repository);
  const size = await layout.blobSize(digest);
  if (size === undefined) throw blobUnknown(route);
  if (await layout.listsManifest(digest)) {
    throw new SpecError(405, 'UNSUPPORTED', `${digest} is a manifest: delete it under /manifests/.`);
  }
  await layout.remove({ mediaType: '', digest, size });
  send(exchange, { status: 202 });
}

async function sendBlob(exchange: Exchange, file: FileHandle, digest: Digest): Promise<void> {
  const { size } = await file.stat();
  const range = parseRange(exchange.request.headers.range, size);
  if (range === 'unsatisfiable') {
    const headers = { 'Content-Range': `bytes */${size}` };
    throw new SpecError(416, 'SIZE_INVALID', `The blob has ${size} bytes.`, { headers });
  }
  const { start, end } = range ?? { start: 0, end: size };
  exchange.response.writeHead(range ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(end - start),
    'Accept-Ranges': 'bytes',
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    ...(range && { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
  });
  await sendBytes(exchange, file, { start, end });
}

async function sendBytes({ request, response }: Exchange, file: FileHandle, range: ByteRange): Promise<void> {
  if (request.method === 'HEAD' || range.start === range.end) {
    response.end();
    return;
  }
  const { start, end } = range;
  const bytes = file.createReadStream({
    start,
    end: end - 1,
    autoClose: false,
    highWaterMark: READ_AHEAD_BYTES,
  });
  await pipeline(bytes, response);
}

function blobUnknown({ repository, digest }: BlobRoute): SpecError {
  return new SpecError(404, 'BLOB_UNKNOWN', `There is no blob ${digest} in repository "${repository}".`);
}
