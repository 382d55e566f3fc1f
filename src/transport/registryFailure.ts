import { NotFoundError, RegistryError, type RegistryFailure } from '../oci/errors';
import { readStart } from './readCapped';
import { redactUrl } from './redactUrl';
import { bodyWords, refusalDetails } from './refusalWords';
import type { TransportResponse } from './transport';
import { MAX_ERROR_BODY_BYTES } from './withoutSecrets';

/** What was asked: `what` names it in words, for the message of a 404. */
export interface FailedRequest {
  readonly method: string;
  readonly what?: string;
}

/**
 * The error for an answer that is not a success; consumes its body (at most 64 KiB are read).
 * NotFoundError for 404 where `what` is given, else RegistryError. Spec: distribution-spec v1.1.1, "Error Codes".
 */
export async function registryFailure(
  response: TransportResponse,
  { method, what }: FailedRequest,
): Promise<RegistryError> {
  const failure = await readFailure(response, method);
  return failure.status === 404 && what !== undefined
    ? new NotFoundError(what, failure)
    : new RegistryError(failure);
}

/** The facts of an answer that is not a success; consumes its body. */
export async function readFailure(response: TransportResponse, method: string): Promise<RegistryFailure> {
  // That the body breaks off does not matter: the status says what failed.
  const text = (await readStart(response.body, MAX_ERROR_BODY_BYTES)).toString('utf8');
  const details = refusalDetails(text);
  const isPage = /html/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(text);
  return {
    method,
    url: redactUrl(response.url),
    status: response.status,
    details,
    body: details.length > 0 || isPage ? '' : bodyWords(text),
  };
}
