/** The members of a JSON object whose values are still to be checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object, which a list and `null` are not. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON's `null` counts as left out. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** True for a JSON string. */
export function isString(value: unknown): value is string {
  return typeof value === 'string';
}

/** The members of an object that are strings; none of what is no object. */
export function stringMap(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => isString(entry[1])),
  );
}
