/** The keys of a map in the order to write them: an object by itself puts keys such as "10" first, as numbers. */
const writtenKeys = Symbol('keys in the order they are written');

/**
 * JSON as Go's `encoding/json` writes it, so that digests equal those of `oras`: HTML-sensitive characters escaped,
 * members in the order they have, those of a `sortedMap` in the order of their bytes.
 */
export function goJson(value: unknown): string {
  return write(value).replace(/[<>&\u2028\u2029]/g, escapeUnit);
}

/** A copy with keys sorted by their UTF-8 bytes, as Go sorts map keys; undefined for nothing to write. */
export function sortedMap(
  map: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return undefined;
  const sorted = entries.map(wellFormed).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const keys = [...new Set(sorted.map(([key]) => key))];
  return Object.defineProperty(Object.fromEntries(sorted), writtenKeys, { value: keys });
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item: unknown) => write(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = value as Record<string, unknown> & { readonly [writtenKeys]?: readonly string[] };
  const keys = (members[writtenKeys] ?? Object.keys(members)).filter((key) => members[key] !== undefined);
  return `{${keys.map((key) => `${JSON.stringify(key)}:${write(members[key])}`).join(',')}}`;
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function wellFormed([key, value]: [string, string]): [string, string] {
  return [replaceLoneSurrogates(key), replaceLoneSurrogates(value)];
}

/** Go replaces invalid UTF-8 by U+FFFD; JavaScript's counterpart is a surrogate without its pair. */
function replaceLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
