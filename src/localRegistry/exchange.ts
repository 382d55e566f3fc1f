import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request being answered. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

/** An answer whose body, if any, is in memory. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

/** Sends an answer; to a HEAD request its headers alone. */
export function send({ request, response }: Exchange, { status, headers = {}, body }: Answer): void {
  const bytes = body === undefined ? undefined : Buffer.from(body);
  response.writeHead(status, {
    ...(status !== 204 && { 'Content-Length': String(bytes?.length ?? 0) }),
    ...(headers as Record<string, string>),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Sends JSON. */
export function sendJson(
  exchange: Exchange,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(exchange, {
    status: 200,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  });
}

/** The request's body. Whoever stops reading early can still answer: the connection stays open. */
export function bodyOf({ request }: Exchange): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** The whole body; undefined when it is larger than `maxBytes`. */
export async function readBody(exchange: Exchange, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(exchange.request.headers['content-length'] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyOf(exchange)) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
