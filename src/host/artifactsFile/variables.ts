import { isObject, type MemberPath } from '../../oci/memberChecks';

/** Gives the value of a variable. Errors: Error whose message ends the sentence `"…" cannot be filled in: …`. */
export type ReadVariable = (kind: string, name: string, path: MemberPath) => Promise<string>;

/** `${kind:name}`, or a `$` more in front for the text itself. */
const VARIABLE = /(\$?)\$\{([^}:]*):?([^}]*)\}/g;

/** The kinds of variables: of the environment, and the text of a file. */
export const VARIABLE_KINDS = ['env', 'file'] as const;

/**
 * A value of JSON with the variables in its texts filled in, `${env:NAME}` and `${file:path}`; `$${…}` stands for
 * `${…}`. Names of members stay as they are. Errors: those of `read`.
 */
export async function fillIn(value: unknown, read: ReadVariable, path: MemberPath = []): Promise<unknown> {
  if (typeof value === 'string') return fillText(value, read, path);
  if (Array.isArray(value)) return Promise.all(value.map((entry, at) => fillIn(entry, read, [...path, at])));
  if (!isObject(value)) return value;
  const filled = Object.entries(value).map(
    async ([name, member]) => [name, await fillIn(member, read, [...path, name])] as const,
  );
  return Object.fromEntries(await Promise.all(filled));
}

async function fillText(text: string, read: ReadVariable, path: MemberPath): Promise<string> {
  const values: string[] = [];
  for (const [all, escape, kind = '', name = ''] of text.matchAll(VARIABLE))
    values.push(escape ? all.slice(1) : await read(kind, name, path));
  return text.replace(VARIABLE, () => values.shift() ?? '');
}

/** A value of JSON whose texts `fillIn` gives back as they are here. */
export function withoutVariables<T>(value: T): T {
  const escaped = JSON.stringify(value).replace(/\$\{/g, '$$${');
  return JSON.parse(escaped) as T;
}
