import type { IncomingMessage } from 'node:http';
import { SpecError } from './specError';

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Names under which a registry answers besides those of loopback. */
export interface OwnNames {
  /** The address the server listens on. */
  readonly boundHost: string;
  /** Those that the user allows, without a port, in lower case. */
  readonly hostNames: ReadonlySet<string>;
}

/**
 * Refuses what a web page could send. A page on a name that was pointed at this machine has that name in `Host`; one
 * that posts across origins has its own in `Origin` or says so in `Sec-Fetch-Site`. Registry clients send neither.
 * Errors: SpecError, 403.
 */
export function refuseBrowsers({ headers }: IncomingMessage, { boundHost, hostNames }: OwnNames): void {
  const host = headers.host ?? '';
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (!LOOPBACK_NAMES.has(name) && name !== boundHost && !hostNames.has(name)) {
    const message =
      'This registry answers under localhost and 127.0.0.1, and under names that the setting ociArtifacts.localRegistry.hostNames lists.';
    throw new SpecError(403, 'DENIED', message);
  }
  const foreignOrigin = headers.origin !== undefined && headers.origin !== `http://${host}`;
  const site = headers['sec-fetch-site'];
  if (foreignOrigin || site === 'cross-site' || site === 'same-site') {
    throw new SpecError(403, 'DENIED', 'This registry does not answer web pages.');
  }
}
