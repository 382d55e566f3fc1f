import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MotoServer } from './motoServer';

export interface EcrFront {
  /** `127.0.0.2:port` */
  readonly host: string;
  /** `METHOD /path?query` of each request that a repository's existence was looked up for. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

const EMPTY_DIGEST = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The two rules that make ECR's data side differ, put in front of a real docker-registry: a repository has to exist in
 * the API (moto's) first, and an upload without a byte is refused. The error texts are those that users report of ECR.
 * A stand-in: AWS's own data side was not reached. Source: AWS, "Amazon ECR error messages"; reports of both errors.
 */
export async function startEcrFront(registry: string, moto: MotoServer): Promise<EcrFront> {
  const lines: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void answer({ incoming, outgoing, registry, moto, lines }).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  return {
    host: `127.0.0.2:${(server.address() as AddressInfo).port}`,
    lines,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly registry: string;
  readonly moto: MotoServer;
  readonly lines: string[];
}

async function answer(exchange: Exchange): Promise<void> {
  const { incoming, outgoing, moto, lines } = exchange;
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://front');
  const [, name] = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(pathname) ?? [];
  // Who is not signed in learns nothing about repositories.
  if (name === undefined || incoming.headers.authorization === undefined) return forward(exchange);
  lines.push(`${incoming.method} ${incoming.url}`);
  const { status } = await moto.call('DescribeRepositories', { repositoryNames: [name] });
  const registryId = `registry with id '123456789012'`;
  if (status !== 200) {
    const message = `The repository with name '${name}' does not exist in the ${registryId}`;
    return refuse(outgoing, 404, { code: 'NAME_UNKNOWN', message });
  }
  if (incoming.method === 'PUT' && searchParams.get('digest') === EMPTY_DIGEST) {
    const message = `The upload in the repository with name '${name}' in ${registryId} cannot be completed because it does not have any parts`;
    return refuse(outgoing, 400, { code: 'BLOB_UPLOAD_INVALID', message });
  }
  forward(exchange);
}

function refuse(outgoing: ServerResponse, status: number, error: object): void {
  outgoing.writeHead(status, { 'Content-Type': 'application/json' });
  outgoing.end(JSON.stringify({ errors: [error] }));
}

/** The Host header stays, so that upload addresses lead back here. */
function forward({ incoming, outgoing, registry }: Exchange): void {
  const [host, port] = registry.split(':');
  const { method, url: path, headers } = incoming;
  const onward = request({ host, port, method, path, headers }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(outgoing);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}
