import { cut } from '../oci/boundedText';

/** A name that cannot be used, and why, as the end of a sentence. */
export interface SkippedName {
  readonly name: string;
  readonly problem: string;
}

/** Names of a list: each that can be used, once, and the others. */
export interface NamesOfList {
  readonly usable: readonly string[];
  readonly skipped: readonly SkippedName[];
}

const MAX_NAMED = 20;
const MAX_NAME_LENGTH = 80;

/** Parts names by what is wrong with each: `problemOf` says it as the end of a sentence. */
export function usableNames(
  names: readonly string[],
  problemOf: (name: string) => string | undefined,
): NamesOfList {
  const usable: string[] = [];
  const skipped: SkippedName[] = [];
  for (const name of new Set(names)) {
    const problem = problemOf(name);
    if (problem === undefined) usable.push(name);
    else skipped.push({ name, problem });
  }
  return { usable, skipped };
}

/** Says which names are left out: a line, and each of the first ones with its reason. */
export function skippedText(skipped: readonly SkippedName[]): {
  readonly label: string;
  readonly detail: string;
} {
  const [first] = skipped;
  const others = skipped.length - 1;
  const label = `${quotedName(first?.name ?? '')}${others > 0 ? ` and ${others} more` : ''} cannot be used`;
  const lines = skipped
    .slice(0, MAX_NAMED)
    .map(({ name, problem }) => `${quotedName(name)}: ${cut(problem, 2 * MAX_NAME_LENGTH)}.`);
  const rest = skipped.length - lines.length;
  return { label, detail: [...lines, ...(rest > 0 ? [`${rest} more.`] : [])].join('\n') };
}

function quotedName(name: string): string {
  return `"${cut(name, MAX_NAME_LENGTH)}"`;
}
