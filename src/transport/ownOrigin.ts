/**
 * True for an address that may have what is meant for `origin`, credentials among it: the same origin, or the same host
 * name by TLS in place of plain HTTP.
 */
export function isOwnOrigin(url: URL, origin: URL): boolean {
  if (url.origin === origin.origin) return true;
  return origin.protocol === 'http:' && url.protocol === 'https:' && url.hostname === origin.hostname;
}
