import type { ClientRequest, IncomingMessage } from 'node:http';

/** An answer as node-fetch gives it here. */
export type Answer = IncomingMessage & { readonly req: ClientRequest };

/**
 * Stands in for `node:stream` inside node-fetch's own fetch (see esbuild.mjs), which sends each answer through a stream of
 * its own: that adds nothing but work to each answer and to each piece of it. Here an answer is its own body.
 */
export function pipeline(answer: Answer, _through: PassThrough, done: (error: Error) => void): Answer {
  answer.once('error', done);
  // At once: so its connection is free for the request that comes next.
  if (isWithoutBody(answer)) answer.resume();
  return answer;
}

/** What node-fetch would send an answer through. */
export class PassThrough {}

/** True for an answer without a byte, whatever Content-Length says of what a GET would bring. */
export function isWithoutBody({ req, statusCode, headers }: Answer): boolean {
  return req.method === 'HEAD' || statusCode === 204 || headers['content-length'] === '0';
}

export { default } from 'node:stream';
