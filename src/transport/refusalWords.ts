import { cut } from '../oci/boundedText';
import type { RegistryErrorDetail } from '../oci/errors';
import { redactUrlsIn } from './redactUrl';

const MAX_TEXT_LENGTH = 500;
const MAX_DETAILS = 10;
const MAX_MEMBERS = 20;
const MAX_DEPTH = 4;
const SECRET_NAME = /token|secret|passw|authorization|signature|credential|cookie|api[-_]?key|session/i;

type Members = Readonly<Record<string, unknown>>;

/**
 * The reasons in the body of a refusal: the list of the spec, and the forms that registries and APIs beside them use
 * (`errors` as an object or a text, `error` as an object, a `message` alone). None where the body has none of these.
 * Spec: distribution-spec v1.1.1, "Error Codes".
 */
export function refusalDetails(text: string): RegistryErrorDetail[] {
  const body = parsed(text);
  if (!isObject(body)) return [];
  const { errors, error, message } = body;
  if (errors !== undefined && errors !== null)
    return entriesIn(errors).flatMap(detailOf).slice(0, MAX_DETAILS);
  if (isObject(error)) return detailOf(error);
  return message === undefined ? [] : detailOf(body);
}

/** A body without reasons as it may be shown: one bounded line, of a JSON object its members. */
export function bodyWords(text: string): string {
  const body = parsed(text);
  return body === undefined ? shownText(text) : wordsOf(body);
}

/** A list's entries; one object with a code or a message; else what its members hold, such as reasons by field. */
function entriesIn(errors: unknown): readonly unknown[] {
  if (Array.isArray(errors)) return errors.slice(0, MAX_MEMBERS) as unknown[];
  if (!isObject(errors) || 'code' in errors || 'message' in errors) return [errors];
  return Object.entries(errors)
    .filter(([name]) => !SECRET_NAME.test(name))
    .slice(0, MAX_MEMBERS)
    .flatMap(
      ([, member]: [string, unknown]) =>
        (Array.isArray(member) ? member.slice(0, MAX_MEMBERS) : [member]) as unknown[],
    );
}

function detailOf(entry: unknown): RegistryErrorDetail[] {
  if (typeof entry === 'string') return entry === '' ? [] : [{ code: '', message: shownText(entry) }];
  if (!isObject(entry)) return [];
  const code = typeof entry['code'] === 'number' ? String(entry['code']) : textIn(entry['code']);
  const message = wordsOf(entry['message']);
  const detail = detailWords(entry['detail'] ?? entry['details']);
  if (code === '' && message === '' && detail === '') return [];
  return [{ code, message, ...(detail !== '' && !message.includes(detail) && { detail }) }];
}

/** Quay says why in `detail.message`. */
function detailWords(detail: unknown): string {
  const message = isObject(detail) ? textIn(detail['message']) : '';
  return message === '' ? wordsOf(detail) : message;
}

/** A value in words: `name: a/b, tag: v1`. What is named like a secret is left out. */
function wordsOf(value: unknown, depth = 0): string {
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return '';
  const words = Array.isArray(value)
    ? value.slice(0, MAX_MEMBERS).map((entry: unknown) => wordsOf(entry, depth + 1))
    : Object.entries(value)
        .slice(0, MAX_MEMBERS)
        .map(([name, member]) => memberWords(name, member, depth + 1));
  return shownText(words.filter(Boolean).join(', '));
}

function memberWords(name: string, value: unknown, depth: number): string {
  if (SECRET_NAME.test(name)) return '';
  const words = wordsOf(value, depth);
  return words === '' ? '' : `${name}: ${words}`;
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? shownText(value) : '';
}

function shownText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return cut(redactUrlsIn(line), MAX_TEXT_LENGTH - 1);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
