import { request, type IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { digestOf, type Digest } from '../../../src/oci/digest';

/** An answer, read whole. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What goes with a request. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Sends the body without announcing its length. */
  readonly chunked?: boolean;
}

/** Sends one raw request, with nothing added or followed that the test did not ask for. */
export async function ask(
  host: string,
  method: string,
  path: string,
  { headers = {}, body, chunked = false }: RequestOptions = {},
): Promise<Reply> {
  const [hostname = '', port] = host.split(':');
  return new Promise((resolve, reject) => {
    const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({ hostname, port, method, path, headers: { ...length, ...headers } });
    sent.once('error', reject);
    sent.once('response', (response) => {
      const { statusCode: status = 0, headers: received } = response;
      buffer(response).then((bytes) => resolve({ status, headers: received, body: bytes }), reject);
    });
    sent.end(body);
  });
}

/** The code of the first error in a reply's body. */
export function errorCode({ body }: Reply): unknown {
  const { errors } = JSON.parse(body.toString()) as { errors: readonly { code: unknown }[] };
  return errors[0]?.code;
}

/** Pushes a blob in one request and returns its digest. */
export async function pushBlob(
  host: string,
  repository: string,
  content: Uint8Array | string,
): Promise<Digest> {
  const digest = digestOf(content);
  const reply = await ask(host, 'POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    body: content,
  });
  if (reply.status !== 201) throw new Error(`The push failed: ${reply.status} ${reply.body.toString()}`);
  return digest;
}
