/** A JSON object whose members are not known yet. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/** True for a JSON object: no list, no null. */
export function isJsonObject(value: unknown): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A member by its name, else by its name in another case, as Go's decoder takes it, which docker and helpers are written
 * with. Null counts as absent.
 */
export function memberOf(object: JsonMembers, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name] ?? undefined;
  const key = Object.keys(object).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : (object[key] ?? undefined);
}

/** The value of a JSON text; undefined where it is none. V8's message would quote the text, which holds secrets. */
export function parseQuietly(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
