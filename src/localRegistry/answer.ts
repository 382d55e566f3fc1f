import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../oci/errors';
import { hasSystemCode } from '../targets/layout/systemError';
import { deleteBlob, getBlob } from './blobHandlers';
import { send, type Exchange } from './exchange';
import { refuseBrowsers, type OwnNames } from './hostGuard';
import { listReferrers, listRepositories, listTags } from './listHandlers';
import { deleteManifest, getManifest, putManifest } from './manifestHandlers';
import { parseUrl, type Route } from './route';
import { SpecError } from './specError';
import type { Storage } from './storage';
import { appendUpload, beginUpload, cancelUpload, finishUpload, showUpload } from './uploadHandlers';

type Handler<R extends Route> = (storage: Storage, exchange: Exchange, route: R) => Promise<void>;
type Handlers = {
  readonly [K in Route['kind']]: Readonly<Record<string, Handler<Extract<Route, { kind: K }>>>>;
};

const ping = async (_storage: Storage, exchange: Exchange) =>
  send(exchange, { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{}' });

const HANDLERS: Handlers = {
  ping: { GET: ping, HEAD: ping },
  catalog: { GET: listRepositories, HEAD: listRepositories },
  tags: { GET: listTags, HEAD: listTags },
  referrers: { GET: listReferrers, HEAD: listReferrers },
  manifest: { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  blob: { GET: getBlob, HEAD: getBlob, DELETE: deleteBlob },
  uploads: { POST: beginUpload },
  upload: { GET: showUpload, PATCH: appendUpload, PUT: finishUpload, DELETE: cancelUpload },
};

/** Answers one request, whatever happens. */
export async function answer(
  storage: Storage,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  names: OwnNames,
): Promise<void> {
  const exchange = { request, response, query: new URLSearchParams() };
  response.setHeader('Docker-Distribution-API-Version', 'registry/2.0');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    refuseBrowsers(request, names);
    const { route, query } = parseUrl(request.url ?? '');
    await dispatch(storage, { ...exchange, query }, route);
  } catch (error) {
    refuse(exchange, error);
  }
}

async function dispatch<R extends Route>(storage: Storage, exchange: Exchange, route: R): Promise<void> {
  const methods = HANDLERS[route.kind] as Readonly<Record<string, Handler<R>>>;
  const handler = methods[exchange.request.method ?? ''];
  if (handler) return handler(storage, exchange, route);
  const headers = { Allow: Object.keys(methods).join(', ') };
  throw new SpecError(405, 'UNSUPPORTED', 'This method is not supported here.', { headers });
}

function refuse(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  const clientLeft = request.destroyed && !request.complete;
  if (clientLeft || response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = toSpecError(error);
  const headers = { 'Content-Type': 'application/json', ...refusal.options.headers };
  send(exchange, { status: refusal.status, headers, body: refusal.body() });
}

function toSpecError(error: unknown): SpecError {
  if (error instanceof SpecError) return error;
  const message = messageOf(error);
  if (hasSystemCode(error, 'ENAMETOOLONG')) return new SpecError(400, 'NAME_INVALID', message);
  if (hasSystemCode(error, 'ENOSPC', 'EDQUOT')) return new SpecError(507, 'UNKNOWN', message);
  return new SpecError(500, 'UNKNOWN', message);
}
