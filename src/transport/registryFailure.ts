import { NotFoundError, RegistryError, type RegistryErrorDetail, type RegistryFailure } from '../oci/errors';
import { readStart } from './readCapped';
import { redactUrl } from './redactUrl';
import type { TransportResponse } from './transport';
import { MAX_ERROR_BODY_BYTES } from './withoutSecrets';

const MAX_TEXT_LENGTH = 500;
const MAX_DETAILS = 20;

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
  const details = errorDetails(text);
  const isPage = /html/i.test(response.headers.get('content-type') ?? '') || /^\s*</.test(text);
  return {
    method,
    url: redactUrl(response.url),
    status: response.status,
    details,
    body: details.length > 0 ? text : isPage ? '' : shownText(text),
  };
}

function errorDetails(text: string): RegistryErrorDetail[] {
  const list = errorList(text);
  return list.slice(0, MAX_DETAILS).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { code, message } = entry as Readonly<Record<string, unknown>>;
    if (typeof code !== 'string') return [];
    return [{ code: shownText(code), message: typeof message === 'string' ? shownText(message) : '' }];
  });
}

function errorList(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('errors' in value)) return [];
    return Array.isArray(value.errors) ? value.errors : [];
  } catch {
    return [];
  }
}

function shownText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT_LENGTH);
}
