import { InvalidContentError } from '../oci/errors';
import type { Outgoing, Send } from './outgoing';
import { discard } from './readCapped';
import type { TransportResponse } from './transport';

const MAX_HOPS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Follows redirects of GET and HEAD. `Authorization` goes no further than the origin it was meant for, and https never
 * becomes http. Other methods get the redirect as their answer. Errors: InvalidContentError.
 */
export function withRedirects(next: Send): Send {
  return async (outgoing, wait) => {
    let current = outgoing;
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const response = await next(current, wait);
      const url = redirectTarget(current, response);
      if (!url) return response;
      discard(response);
      current = { ...current, url, headers: headersFor(url, current) };
    }
    throw refusal(outgoing, `it led through more than ${MAX_HOPS} redirects`);
  };
}

function redirectTarget(outgoing: Outgoing, response: TransportResponse): URL | undefined {
  const location = response.headers.get('location');
  if (!REDIRECTS.has(response.status) || location === null) return undefined;
  if (outgoing.method !== 'GET' && outgoing.method !== 'HEAD') return undefined;
  const url = URL.canParse(location, outgoing.url.href) ? new URL(location, outgoing.url) : undefined;
  const problem = url ? problemOf(url, outgoing.url) : 'it redirects to something that is not a URL';
  if (url && !problem) return url;
  discard(response);
  throw refusal(outgoing, problem ?? '');
}

function problemOf(url: URL, from: URL): string | undefined {
  if (url.protocol === 'http:' && from.protocol === 'https:') return 'it redirects from https to http';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return `it redirects to ${url.protocol}`;
  return url.username || url.password ? 'it redirects to a URL with a user name in it' : undefined;
}

function headersFor(url: URL, { url: from, headers }: Outgoing): Outgoing['headers'] {
  if (url.origin === from.origin) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}

function refusal({ method, url }: Outgoing, reason: string): InvalidContentError {
  return new InvalidContentError(`The answer of ${url.host} to ${method} ${url.pathname}`, reason);
}
