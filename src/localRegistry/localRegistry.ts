import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { removeStale } from '../targets/layout/staleFiles';
import { hasSystemCode } from '../targets/layout/systemError';
import { worded } from '../oci/boundedText';
import { OciError } from '../oci/errors';
import { answer } from './answer';
import { foldersOf } from './registryFolders';
import { Repositories } from './repositories';
import type { Storage } from './storage';
import { Uploads } from './uploads';

const PORTS_TRIED = 100;
const HEADERS_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 75_000;

/** A request that is over. */
export interface AnsweredRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Undefined when the connection ended before an answer began. */
  readonly status: number | undefined;
  /** True when the connection ended before the whole answer was sent, mostly because the client left. */
  readonly isCut: boolean;
  readonly elapsedMs: number;
}

/** How a local registry is started. */
export interface LocalRegistryOptions {
  /** The folder of the repositories; made when missing. */
  readonly root: string;
  /** Default 5000; 0 for any free one. */
  readonly port?: number;
  /** Fails when the port is taken, instead of trying the following ones. */
  readonly exactPort?: boolean;
  /** The address to listen on: one of this machine's loopback addresses. Default 127.0.0.1. */
  readonly host?: string;
  /** Host names, without a port, under which it answers besides those of loopback. */
  readonly hostNames?: readonly string[];
  /** Called when a request is over. */
  readonly onRequest?: (request: AnsweredRequest) => void;
}

/** A registry that answers on `host:port`. */
export interface LocalRegistry {
  readonly host: string;
  readonly port: number;
  readonly root: string;
  /** Ends it; uploads under way are cut and can be continued after the next start. */
  stop(): Promise<void>;
}

/** The port asked for, or all of those tried, are in use. */
export class PortTakenError extends OciError {
  readonly code = 'PORT_TAKEN';

  constructor(
    readonly host: string,
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(worded`The local registry cannot start: port ${port} on ${host} is in use.`, options);
  }
}

/**
 * Starts a registry in front of a folder in which each repository is an OCI image layout. Errors: PortTakenError; those
 * of the file system when `root` cannot be made. Spec: distribution-spec v1.1.1.
 */
export async function startLocalRegistry(options: LocalRegistryOptions): Promise<LocalRegistry> {
  const { root, host = '127.0.0.1', hostNames = [] } = options;
  const names = { boundHost: host, hostNames: new Set(hostNames.map((name) => name.toLowerCase())) };
  const storage = await openStorage(root);
  const pending = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    if (options.onRequest) report(request, response, options.onRequest);
    const work = answer(storage, { request, response }, names).finally(() => pending.delete(work));
    pending.add(work);
  });
  // An upload may last for hours.
  server.requestTimeout = 0;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, host, options);
  return { host, port, root, stop: () => stop(server, pending) };
}

async function openStorage(root: string): Promise<Storage> {
  const folders = foldersOf(root);
  await mkdir(root, { recursive: true });
  await removeStale(folders.staging, Date.now());
  const uploads = new Uploads(folders.uploads);
  await uploads.removeStale(Date.now());
  return { repositories: new Repositories(root, folders.staging), uploads };
}

async function listen(
  server: Server,
  host: string,
  { port = 5000, exactPort = false }: LocalRegistryOptions,
): Promise<number> {
  const last = exactPort || port === 0 ? port : Math.min(port + PORTS_TRIED - 1, 65_535);
  for (let candidate = port; ; candidate += 1) {
    try {
      server.listen(candidate, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (cause) {
      if (!hasSystemCode(cause, 'EADDRINUSE', 'EACCES')) throw cause;
      if (candidate >= last) throw new PortTakenError(host, port, { cause });
    }
  }
}

async function stop(server: Server, pending: ReadonlySet<Promise<void>>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
  await Promise.all(pending);
}

function report(
  request: IncomingMessage,
  response: ServerResponse,
  onRequest: (request: AnsweredRequest) => void,
): void {
  const startedMs = performance.now();
  const { method = '', url = '' } = request;
  response.once('close', () => {
    const { headersSent, statusCode, writableFinished } = response;
    const status = headersSent ? statusCode : undefined;
    onRequest({ method, url, status, isCut: !writableFinished, elapsedMs: performance.now() - startedMs });
  });
}
