import { InvalidContentError } from '../oci/errors';
import type { Outgoing, Send } from './outgoing';
import { isOwnOrigin } from './ownOrigin';
import { discard } from './readCapped';
import type { TransportResponse } from './transport';

const MAX_HOPS = 10;
/** Each hop of a write sends its body again. */
const MAX_WRITE_HOPS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Those that keep method and body. Spec: RFC 9110 section 15.4. */
const WRITE_REDIRECTS = new Set([307, 308]);

/**
 * Follows redirects: a read anywhere, a write with method and body within its own origin. `Authorization` goes no
 * further than the origin it was meant for, and https never becomes http. A write never becomes a GET: 301, 302 and 303
 * are its answer. Errors: InvalidContentError.
 */
export function withRedirects(next: Send): Send {
  return async (outgoing, wait) => {
    const maxHops = isRead(outgoing) ? MAX_HOPS : MAX_WRITE_HOPS;
    let current = outgoing;
    for (let hops = 0; hops <= maxHops; hops++) {
      const response = await next(current, wait);
      const url = redirectTarget(current, response);
      if (!url) return response;
      discard(response);
      current = { ...current, url, headers: headersFor(url, current) };
    }
    throw refusal(outgoing, `it led through more than ${maxHops} redirects`);
  };
}

function redirectTarget(outgoing: Outgoing, response: TransportResponse): URL | undefined {
  const location = response.headers.get('location');
  const followed = isRead(outgoing) ? REDIRECTS : WRITE_REDIRECTS;
  if (!followed.has(response.status) || location === null) return undefined;
  const url = URL.canParse(location, outgoing.url.href) ? new URL(location, outgoing.url) : undefined;
  const problem = url ? problemOf(url, outgoing) : 'it redirects to something that is not a URL';
  if (url && !problem) return url;
  discard(response);
  throw refusal(outgoing, problem ?? '');
}

function isRead({ method }: Outgoing): boolean {
  return method === 'GET' || method === 'HEAD';
}

function problemOf(url: URL, outgoing: Outgoing): string | undefined {
  const { url: from } = outgoing;
  if (url.protocol === 'http:' && from.protocol === 'https:') return 'it redirects from https to http';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `it redirects to ${url.protocol}`;
  if (url.username || url.password) return 'it redirects to a URL with a user name in it';
  if (isRead(outgoing) || isOwnOrigin(url, from)) return undefined;
  return `it leads from ${from.origin} to ${url.origin}, and what is written goes nowhere else`;
}

function headersFor(url: URL, { url: from, headers }: Outgoing): Outgoing['headers'] {
  if (isOwnOrigin(url, from)) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}

function refusal({ method, url }: Outgoing, reason: string): InvalidContentError {
  return new InvalidContentError(`The answer of ${url.host} to ${method} ${url.pathname}`, reason);
}
