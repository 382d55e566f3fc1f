const FIRST_OF_PAIR = /[\ud800-\udbff]$/;

/** The most of a registry's words, or of a path, that stands within a message, in UTF-16 units. */
export const MAX_QUOTED_LENGTH = 1_000;

/** At most `maxLength` UTF-16 units of a text, then `…` where that is not all of it; a pair of surrogates stays whole. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength).replace(FIRST_OF_PAIR, '')}…`;
}

/** A text of elsewhere as it stands within a message: at most 1,000 UTF-16 units, `…` included. */
export function quoted(text: string): string {
  return text.length <= MAX_QUOTED_LENGTH ? text : cut(text, MAX_QUOTED_LENGTH - 1);
}
