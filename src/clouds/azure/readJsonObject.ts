import { InvalidContentError } from '../../oci/errors';
import { readCapped } from '../../transport/readCapped';
import type { TransportResponse } from '../../transport/transport';

/** How much is read at most, in bytes, and the answer's name for messages. */
export interface JsonAnswer {
  readonly maxBytes: number;
  readonly what: string;
}

/**
 * An answer's JSON object. Errors: InvalidContentError; the parser's own message is left out, since it would quote
 * the answer, which may hold a secret.
 */
export async function readJsonObject(
  { body }: TransportResponse,
  { maxBytes, what }: JsonAnswer,
): Promise<Readonly<Record<string, unknown>>> {
  const value = parse((await readCapped(body, maxBytes, what)).toString('utf8'));
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new InvalidContentError(what, 'it is not a JSON object');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
