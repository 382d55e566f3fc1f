/** One way a server offers to sign in. `scheme` and the names of `parameters` are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_HEADER_LENGTH = 16 * 1024;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=\s*(?:,|$))/y;
const UNQUOTED_VALUE = /[^\s,"]+/y;
const EQUALS = /\s*=\s*/y;
const SPACES = /\s+/y;
const SEPARATORS = /[\s,]*/y;

/**
 * Reads a `WWW-Authenticate` header: several challenges, parameters in any order, quoted or not. What cannot be read
 * ends the list. Spec: RFC 9110 section 11.6.1.
 */
export function parseChallenges(header: string | null): Challenge[] {
  const scanner = new Scanner((header ?? '').slice(0, MAX_HEADER_LENGTH));
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (;;) {
    scanner.take(SEPARATORS);
    const name = scanner.take(TOKEN);
    if (name === undefined) return challenges;
    const current = challenges.at(-1);
    const value = current && scanner.parameterValue();
    if (current && value !== undefined) {
      const key = name.toLowerCase();
      if (!Object.hasOwn(current.parameters, key)) current.parameters[key] = value;
    } else {
      challenges.push({ scheme: name.toLowerCase(), parameters: {} });
      scanner.skipToken68();
    }
  }
}

class Scanner {
  private position = 0;

  constructor(private readonly text: string) {}

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.position = pattern.lastIndex;
    return match[1] ?? match[0];
  }

  /** The value behind a name, when an equals sign follows it: else the name was a scheme. */
  parameterValue(): string | undefined {
    if (this.take(EQUALS) === undefined) return undefined;
    const quoted = this.take(QUOTED);
    return quoted === undefined ? (this.take(UNQUOTED_VALUE) ?? '') : quoted.replace(/\\(.)/g, '$1');
  }

  /** `Negotiate dG9rZW4=`: data in place of parameters, told from a parameter by what follows it. */
  skipToken68(): void {
    if (this.take(SPACES) !== undefined) this.take(TOKEN68);
  }
}
