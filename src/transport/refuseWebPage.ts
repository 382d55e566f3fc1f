import { InvalidContentError } from '../oci/errors';
import { discard } from './readCapped';
import type { TransportResponse } from './transport';

/**
 * Refuses a success that is a web page: no registry answers so, but networks that want a login first do, and gateways
 * with a page for whatever they do not know. Errors: InvalidContentError.
 */
export function refuseWebPage(response: TransportResponse, method: string): void {
  const { status, headers, url } = response;
  const isPage = status < 300 && /\bhtml\b/i.test(headers.get('content-type') ?? '');
  // A registry that keeps web pages as blobs names their digest.
  if (!isPage || headers.get('docker-content-digest') !== null) return;
  discard(response);
  throw new InvalidContentError(
    `The answer of ${url.host} to ${method} ${url.pathname}`,
    'it is a web page; something between here and the registry may ask to sign in first',
  );
}
