import { NotFoundError, RegistryError, type RegistryErrorDetail, type RegistryFailure } from '../oci/errors';
import { redactUrl } from './redactUrl';
import type { TransportResponse } from './transport';

const MAX_ERROR_BODY_BYTES = 64 * 1024;
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
  const text = (await readStart(response)).toString('utf8');
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

/** The first bytes of a body. That it breaks off does not matter: the status says what failed. */
async function readStart({ body }: TransportResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= MAX_ERROR_BODY_BYTES) break;
    }
  } catch {
    // The status is known already.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ERROR_BODY_BYTES);
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
