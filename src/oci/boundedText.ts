const FIRST_OF_PAIR = /[\ud800-\udbff]$/;
const SECOND_OF_PAIR = /^[\udc00-\udfff]/;

/** The most of a message, in UTF-16 units: an error's, a notification's, a question's. */
export const MAX_MESSAGE_LENGTH = 4_000;
/** The most of a registry's words, or of a path, within a message. */
export const MAX_QUOTED_LENGTH = 1_000;
const QUOTED_END_LENGTH = 400;
const PUNCTUATED = /^([(<['`]{0,3})(.*?)([.,:;)>\]'`]{0,3})$/s;
/** A message that is longer is not looked at behind this. */
const MAX_READ_LENGTH = 256 * 1024;

/** At most `maxLength` UTF-16 units of a text, then `…` where that is not all of it; a pair of surrogates stays whole. */
export function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength).replace(FIRST_OF_PAIR, '')}…`;
}

/** A text that is bounded with its `…`. */
export function bounded(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : cut(text, maxLength - 1);
}

/**
 * A text of elsewhere as it stands within a message: at most 1,000 UTF-16 units, of a longer one its start, `…` and its
 * end: a path ends with the name, and a reason with what is wrong.
 */
export function quoted(text: string): string {
  if (text.length <= MAX_QUOTED_LENGTH) return text;
  const end = text.slice(-QUOTED_END_LENGTH).replace(SECOND_OF_PAIR, '');
  return cut(text, MAX_QUOTED_LENGTH - QUOTED_END_LENGTH - 1) + end;
}

/** The tag of a message in which texts of elsewhere stand: each of them is `quoted`. */
export function worded(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((text, part, at) => `${text}${quoted(String(values[at - 1] ?? ''))}${part}`);
}

/** A message of at most 4,000 UTF-16 units, whoever made it; a word in it, such as a path, has at most 1,000. */
export function boundedMessage(text: string): string {
  if (text.length <= MAX_QUOTED_LENGTH) return text;
  return bounded(text.slice(0, MAX_READ_LENGTH).replace(/[^\s"]+/g, boundedWord), MAX_MESSAGE_LENGTH);
}

/** A word that is `quoted`, apart from the punctuation around it. */
function boundedWord(run: string): string {
  if (run.length <= MAX_QUOTED_LENGTH) return run;
  const [, open = '', word = '', close = ''] = PUNCTUATED.exec(run) ?? [];
  return open + quoted(word) + close;
}
