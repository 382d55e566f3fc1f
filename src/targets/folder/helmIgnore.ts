import { InvalidContentError } from '../../oci/errors';

/** True for a path of a chart, relative with `/`, that is left out of its archive. */
export type HelmIgnore = (relativePath: string, isFolder: boolean) => boolean;

interface Rule {
  readonly matches: (relativePath: string) => boolean;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/** What Helm leaves out of any chart. */
const DEFAULT_RULE = 'templates/.?*';

/**
 * The rules of a chart's .helmignore, which only look like those of .gitignore: the first rule that matches counts, and
 * a negated one leaves out everything it does not name. Errors: InvalidContentError for what Helm does not take.
 * Source: helm documentation, "The .helmignore file", and `helm package`.
 */
export function parseHelmIgnore(text: string): HelmIgnore {
  const lines = [...text.replace(/^\ufeff/, '').split('\n'), DEFAULT_RULE].map((line) => line.trim());
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#')).map(parseRule);
  return (relativePath, isFolder) => {
    for (const { matches, negated, foldersOnly } of rules) {
      const isMatch = matches(relativePath);
      if (negated && ((foldersOnly && !isFolder) || !isMatch)) return true;
      if (!negated && isMatch && (isFolder || !foldersOnly)) return true;
    }
    return false;
  };
}

function parseRule(line: string): Rule {
  if (line.includes('**')) throw new InvalidContentError('.helmignore', 'Helm knows no double star (**)');
  const negated = line.startsWith('!');
  const positive = negated ? line.slice(1) : line;
  const foldersOnly = positive.endsWith('/');
  const pattern = foldersOnly ? positive.slice(0, -1) : positive;
  const expression = globExpression(pattern.replace(/^\//, ''));
  const isPath = pattern.includes('/');
  const matches = (relativePath: string) =>
    expression.test(isPath ? relativePath : (relativePath.split('/').at(-1) ?? ''));
  return { matches, negated, foldersOnly };
}

/** `*`, `?`, classes and escapes, none of which matches a slash. Source: Go's path/filepath.Match. */
function globExpression(pattern: string): RegExp {
  const source = pattern.replace(
    /\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|([*?])|([^\\[*?]+|[\\[])/gsu,
    (...groups: string[]) => {
      const [, escapedChar, not, members, wild, plain] = groups;
      if (escapedChar !== undefined) return literal(escapedChar);
      if (members !== undefined) return `[${not}${classMembers(members)}]`;
      if (wild !== undefined) return wild === '*' ? '[^/]*' : '[^/]';
      return literal(plain ?? '');
    },
  );
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch (cause) {
    throw new InvalidContentError('.helmignore', `"${pattern}" has a range without an order`, {
      cause,
    });
  }
}

/** An escape that regular expressions do not have, such as `\a`, is the character itself. */
function classMembers(members: string): string {
  return members.replace(/\\(.)|[[\]^]/gsu, (whole: string, escaped: string = whole) =>
    /[\\[\]^-]/.test(escaped) ? `\\${escaped}` : escaped,
  );
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
