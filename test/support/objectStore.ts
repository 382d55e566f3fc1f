import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startMoto } from './motoServer';

/** One request as it came to the store, from the registry or from whoever the registry sent there. */
export interface StoreRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names and values in turn, as they were sent. */
  readonly headers: readonly string[];
  /** True when it is signed in its headers, as the registry does; false for an address signed for others. */
  readonly isSigned: boolean;
  /** The header `Range`. */
  readonly range: string | undefined;
}

/** An S3 store with one bucket, and a record of all that it was asked. */
export interface ObjectStore {
  /** Its address, not that of any registry: `http://127.0.0.2:port`. */
  readonly url: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** What it was asked since it started. */
  readonly requests: readonly StoreRequest[];
  /** Ends the connection of the next read by a signed address after this many bytes of content. */
  cutNextRead(afterBytes: number): void;
  stop(): Promise<void>;
}

const BUCKET = 'registry-content';
/** The one in which S3 makes a bucket without being told where. */
const REGION = 'us-east-1';
const ACCESS_KEY = 'AKIAOBJECTSTORE';

/** Starts moto's S3 behind a recording proxy on 127.0.0.2, with an empty bucket. */
export async function startObjectStore(): Promise<ObjectStore> {
  const moto = await startMoto();
  const requests: StoreRequest[] = [];
  const cuts: number[] = [];
  const server = createServer((incoming, outgoing) => {
    const seen = requestOf(incoming);
    requests.push(seen);
    const isRead = incoming.method === 'GET' && !seen.isSigned;
    forward(incoming, outgoing, { to: moto.url, cutAfterBytes: isRead ? cuts.shift() : undefined });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  await makeBucket(moto.url);
  return {
    url: `http://127.0.0.2:${(server.address() as AddressInfo).port}`,
    bucket: BUCKET,
    accessKey: ACCESS_KEY,
    secretKey: 'the secret of the store',
    region: REGION,
    requests,
    cutNextRead: (afterBytes) => void cuts.push(afterBytes),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await moto.stop();
    },
  };
}

function requestOf({ method = '', url = '', headers, rawHeaders }: IncomingMessage): StoreRequest {
  const isSigned = headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false;
  return { method, url, headers: [...rawHeaders], isSigned, range: headers.range };
}

interface Line {
  readonly to: string;
  readonly cutAfterBytes: number | undefined;
}

/** The Host header stays: the signature is over it. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, { to, cutAfterBytes }: Line): void {
  const { hostname, port } = new URL(to);
  const { method, url: path, headers } = incoming;
  const onward = request({ hostname, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (cutAfterBytes === undefined) answer.pipe(outgoing);
    else passUntil(answer, outgoing, cutAfterBytes);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

function passUntil(answer: IncomingMessage, outgoing: ServerResponse, leftBytes: number): void {
  answer.on('data', (chunk: Buffer) => {
    const piece = chunk.subarray(0, leftBytes);
    leftBytes -= piece.length;
    outgoing.write(piece, () => leftBytes === 0 && outgoing.destroy());
    if (leftBytes === 0) answer.destroy();
  });
}

async function makeBucket(url: string): Promise<void> {
  const scope = `${ACCESS_KEY}/20250101/${REGION}/s3/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const { status } = await fetch(`${url}/${BUCKET}`, {
    method: 'PUT',
    headers: { Authorization: authorization },
  });
  if (status !== 200) throw new Error(`The bucket was not made: ${status}`);
}
