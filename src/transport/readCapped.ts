import type { Readable } from 'node:stream';
import { InvalidContentError } from '../oci/errors';
import { ResponseBody } from './responseBody';
import type { TransportResponse } from './transport';

const DRAIN_BYTES = 64 * 1024;

/**
 * All bytes of a stream, at most `maxBytes`, and of an answer within a bounded time. Errors: InvalidContentError naming
 * `what`; the stream's own.
 */
export async function readCapped(stream: Readable, maxBytes: number, what: string): Promise<Buffer> {
  limitTime(stream);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new InvalidContentError(what, `it is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

/** The first bytes of a stream, at most `maxBytes`, or those before it breaks. For what only explains a failure. */
export async function readStart(stream: Readable, maxBytes: number): Promise<Buffer> {
  limitTime(stream);
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= maxBytes) break;
    }
  } catch {
    // What came before counts.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/** Lets go of an answer that nobody reads. A small one is read to its end, so that its connection can be used again. */
export function discard({ body, headers }: TransportResponse): void {
  body.on('error', () => undefined);
  limitTime(body);
  if (Number(headers.get('content-length') ?? 0) > DRAIN_BYTES) return void body.destroy();
  let readBytes = 0;
  body.on('data', (chunk: Buffer) => {
    readBytes += chunk.length;
    if (readBytes > DRAIN_BYTES) body.destroy();
  });
}

function limitTime(stream: Readable): void {
  if (stream instanceof ResponseBody) stream.limitTime();
}
