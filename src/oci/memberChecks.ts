/** Where a member stands in JSON: names of members and places in lists, the outermost first. */
export type MemberPath = readonly (string | number)[];

/** What is wrong with a member: `said` goes on from its path, e.g. `is not a text`. */
export interface MemberProblem {
  readonly path: MemberPath;
  readonly said: string;
}

/** Looks at a value of JSON; the problem's path starts at the value. */
export type Check = (value: unknown) => MemberProblem | undefined;

/** What an object may hold, by the names of its members. */
export type MemberChecks = Readonly<Record<string, Check>>;

/** A check that says one thing of the value as a whole. */
export function isA(holds: (value: unknown) => boolean, said: string): Check {
  return (value) => (holds(value) ? undefined : { path: [], said });
}

/** A text that is not empty. */
export const text = isA((value) => typeof value === 'string' && value !== '', 'is not a text');

/** True or false. */
export const flag = isA((value) => typeof value === 'boolean', 'is neither true nor false');

/** A list of which each entry passes. */
export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return { path: [], said: 'is not a list' };
    for (const [at, entry] of value.entries()) {
      const problem = check(entry);
      if (problem) return { ...problem, path: [at, ...problem.path] };
    }
    return undefined;
  };
}

/** An object of texts by any names; the texts may be empty. */
export const textsByName: Check = (value) => {
  if (!isObject(value)) return { path: [], said: 'is not an object' };
  const wrong = Object.keys(value).find((name) => typeof value[name] !== 'string');
  return wrong === undefined ? undefined : { path: [wrong], said: 'is not a text' };
};

/** An object with these members alone: a name typed wrong would silently be left out. */
export function objectOf(checks: MemberChecks, required: readonly string[]): Check {
  return (value) => {
    if (!isObject(value)) return { path: [], said: 'is not an object' };
    for (const [name, member] of Object.entries(value)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      const problem = check ? check(member) : { path: [], said: 'is not known' };
      if (problem) return { ...problem, path: [name, ...problem.path] };
    }
    const missing = required.find((name) => value[name] === undefined);
    return missing === undefined ? undefined : { path: [missing], said: 'is missing' };
  };
}

/** A text, or an object that passes. */
export function textOr(check: Check): Check {
  return (value) => {
    if (typeof value === 'string') return text(value);
    return isObject(value) ? check(value) : { path: [], said: 'is neither a text nor an object' };
  };
}

/** A text that a parser takes; what it throws is said. */
export function parsedBy(parse: (value: string) => unknown, said: string): Check {
  return (value) => {
    if (typeof value !== 'string') return { path: [], said: 'is not a text' };
    try {
      parse(value);
      return undefined;
    } catch (error) {
      return { path: [], said: `${said}: ${withoutStop(error)}` };
    }
  };
}

/** The problem as the end of a sentence, e.g. `"files[0].path" is missing`. */
export function problemText({ path, said }: MemberProblem): string {
  return path.length === 0 ? `it ${said}` : `"${memberText(path)}" ${said}`;
}

/** A path as people write it: `files[0].path`. */
function memberText(path: MemberPath): string {
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`));
  return parts.join('').replace(/^\./, '');
}

function withoutStop(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}

/** An object of JSON: neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
