import { nameProblem } from './route';
import { isDigest, type Digest } from '../oci/digest';
import { parseContentRange } from './byteRange';
import { bodyOf, send, type Exchange } from './exchange';
import { SpecError } from './specError';
import { checkedDigest, type Storage } from './storage';
import type { UploadSession } from './uploadSession';

const ALGORITHMS = ['sha256', 'sha512'];

interface UploadRoute {
  readonly repository: string;
  readonly id: string;
}

/** POST: a mount, a whole blob in one request, or the begin of an upload. Spec: distribution-spec v1.1.1, "Pushing blobs". */
export async function beginUpload(
  storage: Storage,
  exchange: Exchange,
  { repository }: { readonly repository: string },
): Promise<void> {
  const { query } = exchange;
  const mount = query.get('mount');
  if (mount !== null && isDigest(mount) && (await mountBlob(storage, repository, { digest: mount, query }))) {
    sendCreated(exchange, repository, mount);
    return;
  }
  const digest = mount === null ? query.get('digest') : null;
  if (digest !== null) return receiveWhole(storage, exchange, { repository, digest: checkedDigest(digest) });
  const session = await storage.uploads.begin(repository, checkedAlgorithm(query));
  sendState(exchange, session, 202);
}

/** PATCH: one chunk, or a stream without an announced range. */
export async function appendUpload(storage: Storage, exchange: Exchange, route: UploadRoute): Promise<void> {
  const session = await existingUpload(storage, route);
  await session.inTurn(async () => {
    refuseOver(session);
    refuseOutOfOrder(exchange, session);
    await session.append(bodyOf(exchange));
    sendState(exchange, session, 202);
  });
}

/** PUT: the last bytes, if any, and the digest of the whole. */
export async function finishUpload(storage: Storage, exchange: Exchange, route: UploadRoute): Promise<void> {
  const digest = checkedDigest(exchange.query.get('digest') ?? '');
  const session = await existingUpload(storage, route);
  await session.inTurn(async () => {
    refuseOver(session);
    refuseOutOfOrder(exchange, session);
    await appendLast(exchange, session);
    await complete(storage, session, digest);
  });
  sendCreated(exchange, route.repository, digest);
}

/** GET: how far an upload is. */
export async function showUpload(storage: Storage, exchange: Exchange, route: UploadRoute): Promise<void> {
  const session = await existingUpload(storage, route);
  await session.inTurn(async () => {
    refuseOver(session);
    sendState(exchange, session, 204);
  });
}

/** DELETE: cancels an upload. */
export async function cancelUpload(storage: Storage, exchange: Exchange, route: UploadRoute): Promise<void> {
  const session = await existingUpload(storage, route);
  await session.inTurn(() => storage.uploads.end(session));
  send(exchange, { status: 204 });
}

async function mountBlob(
  { repositories }: Storage,
  repository: string,
  { digest, query }: { readonly digest: Digest; readonly query: URLSearchParams },
): Promise<boolean> {
  const name = query.get('from');
  if (name !== null && nameProblem(name) !== undefined) return false;
  const source = name === null ? await repositories.findBlob(digest) : await repositories.find(name);
  if (!source) return false;
  return repositories.open(repository).mountBlob(digest, source);
}

async function receiveWhole(
  storage: Storage,
  exchange: Exchange,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
): Promise<void> {
  const session = await storage.uploads.begin(repository, digest.slice(0, digest.indexOf(':')));
  try {
    await session.append(bodyOf(exchange));
    await complete(storage, session, digest);
  } finally {
    await storage.uploads.end(session);
  }
  sendCreated(exchange, repository, digest);
}

/** A client that lost the connection repeats a PUT without a range from its begin. */
async function appendLast(exchange: Exchange, session: UploadSession): Promise<void> {
  const before = session.sizeBytes;
  try {
    await session.append(bodyOf(exchange));
  } catch (error) {
    if (exchange.request.headers['content-range'] === undefined) await session.rollBack(before);
    throw error;
  }
}

async function complete(
  { repositories, uploads }: Storage,
  session: UploadSession,
  digest: Digest,
): Promise<void> {
  const { sizeBytes } = session;
  if (!(await session.matches(digest))) {
    await uploads.end(session);
    throw new SpecError(
      400,
      'DIGEST_INVALID',
      `The ${sizeBytes} bytes received do not have digest ${digest}.`,
    );
  }
  await repositories.open(session.repository).adoptBlob(session.file, digest);
  await uploads.end(session);
}

function refuseOutOfOrder({ request: { headers } }: Exchange, session: UploadSession): void {
  const header = headers['content-range'];
  if (header === undefined) return;
  const range = parseContentRange(header);
  if (range === 'malformed') {
    throw new SpecError(400, 'BLOB_UPLOAD_INVALID', 'Content-Range has the form first-last.');
  }
  if (range.start !== session.sizeBytes) {
    const message = `The next chunk begins at byte ${session.sizeBytes}.`;
    throw new SpecError(416, 'BLOB_UPLOAD_INVALID', message, { headers: stateHeaders(session) });
  }
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== range.end - range.start) {
    throw new SpecError(400, 'SIZE_INVALID', 'Content-Range and Content-Length do not agree.');
  }
}

async function existingUpload({ uploads }: Storage, { repository, id }: UploadRoute): Promise<UploadSession> {
  const session = await uploads.find(repository, id);
  if (!session) throw uploadUnknown();
  return session;
}

/** While a request waited for its turn, another may have ended the upload. */
function refuseOver(session: UploadSession): void {
  if (session.isOver) throw uploadUnknown();
}

function uploadUnknown(): SpecError {
  return new SpecError(404, 'BLOB_UPLOAD_UNKNOWN', 'There is no such upload; it may be over.');
}

function checkedAlgorithm(query: URLSearchParams): string | undefined {
  const algorithm = query.get('digest-algorithm') ?? undefined;
  if (algorithm === undefined || ALGORITHMS.includes(algorithm)) return algorithm;
  throw new SpecError(400, 'DIGEST_INVALID', `Digest algorithms are ${ALGORITHMS.join(' and ')}.`);
}

function sendState(exchange: Exchange, session: UploadSession, status: 202 | 204): void {
  send(exchange, { status, headers: stateHeaders(session) });
}

/** An upload without bytes says 0-0, as distribution does: the form has no word for nothing. */
function stateHeaders(session: UploadSession): Readonly<Record<string, string>> {
  return {
    Location: `/v2/${session.repository}/blobs/uploads/${session.id}`,
    Range: `0-${Math.max(0, session.sizeBytes - 1)}`,
    'Docker-Upload-UUID': session.id,
  };
}

function sendCreated(exchange: Exchange, repository: string, digest: Digest): void {
  const headers = { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest };
  send(exchange, { status: 201, headers });
}
