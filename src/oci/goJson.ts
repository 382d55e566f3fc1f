/** JSON as Go's `encoding/json` writes it, so that digests equal those of `oras`: HTML-sensitive characters escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escapeUnit);
}

/** A copy with keys sorted by their UTF-8 bytes, as Go sorts map keys; undefined for nothing to write. */
export function sortedMap(
  map: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const entries = Object.entries(map ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map(wellFormed).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
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
