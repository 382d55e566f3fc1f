import { InvalidContentError } from '../oci/errors';
import { discard, readStart } from './readCapped';
import type { TransportResponse } from './transport';

const START_BYTES = 1024;
const REGISTRY_HEADERS = ['docker-content-digest', 'docker-distribution-api-version'];

/**
 * Refuses a success that is a web page: no registry answers so, but networks that want a login first do, and gateways
 * with a page for whatever they do not know. An answer without content is no page, nor is one that says what was made:
 * registries such as Quay give either the type of one. Errors: InvalidContentError.
 */
export function refuseWebPage(response: TransportResponse, method: string): void {
  if (!seemsPage(response) || response.headers.get('content-length') === '0') return;
  discard(response);
  throw refusal(response, method);
}

/** The same for the answer to a ping, which it reads: Quay's "true" has the type of a web page. */
export async function refusePingPage(response: TransportResponse): Promise<void> {
  if (!seemsPage(response)) return discard(response);
  const start = (await readStart(response.body, START_BYTES)).toString('utf8');
  if (/^\s*</.test(start)) throw refusal(response, 'GET');
}

function seemsPage({ status, headers }: TransportResponse): boolean {
  const isHtml = /\bhtml\b/i.test(headers.get('content-type') ?? '');
  // A registry that keeps web pages as blobs names their digest.
  return status === 200 && isHtml && !REGISTRY_HEADERS.some((name) => headers.get(name) !== null);
}

function refusal({ url }: TransportResponse, method: string): InvalidContentError {
  return new InvalidContentError(
    `The answer of ${url.host} to ${method} ${url.pathname}`,
    'it is a web page; something between here and the registry may ask to sign in first',
  );
}
