import type { IncomingMessage } from 'node:http';
import { SpecError } from './specError';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Refuses what a web page could send. A page on a name that was pointed at this machine has that name in `Host`; one
 * that posts across origins has its own in `Origin` or says so in `Sec-Fetch-Site`. Registry clients send neither.
 * `boundHost` is the address the server listens on. Errors: SpecError, 403.
 */
export function refuseBrowsers({ headers }: IncomingMessage, boundHost: string): void {
  const host = headers.host ?? '';
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (!LOOPBACK_NAMES.has(name) && name !== boundHost) {
    throw new SpecError(403, 'DENIED', 'This registry answers under localhost and 127.0.0.1 alone.');
  }
  const foreignOrigin = headers.origin !== undefined && headers.origin !== `http://${host}`;
  const site = headers['sec-fetch-site'];
  if (foreignOrigin || site === 'cross-site' || site === 'same-site') {
    throw new SpecError(403, 'DENIED', 'This registry does not answer web pages.');
  }
}
