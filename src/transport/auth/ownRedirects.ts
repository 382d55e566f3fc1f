import type { Outgoing, Send } from '../outgoing';
import { discard } from '../readCapped';
import type { TransportResponse } from '../transport';

const MAX_HOPS = 5;
const OF_GET = new Set([301, 302, 303, 307, 308]);
/** The redirects that keep method and body. Spec: RFC 9110 section 15.4. */
const OF_POST = new Set([307, 308]);

/**
 * Follows the redirects of a token server within its own origin, with the credentials and the method. Any other redirect,
 * and one beyond the fifth, is the answer.
 */
export function withOwnRedirects(next: Send): Send {
  return async (outgoing, wait) => {
    let current = outgoing;
    for (let hops = 0; ; hops++) {
      const response = await next(current, wait);
      const url = hops < MAX_HOPS ? ownTarget(current, response) : undefined;
      if (!url) return response;
      discard(response);
      current = { ...current, url };
    }
  };
}

function ownTarget({ method, url }: Outgoing, { status, headers }: TransportResponse): URL | undefined {
  const location = headers.get('location');
  if (location === null || !(method === 'GET' ? OF_GET : OF_POST).has(status)) return undefined;
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  const isOwn = target?.origin === url.origin && !target.username && !target.password;
  return isOwn ? target : undefined;
}
