const MAX_LENGTH = 4_000;
/** What steers a terminal, begins a line of its own, or turns the order of what is read. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** A text of elsewhere, such as a registry's words or a name in an archive, as one line of a bounded length. */
export function oneLine(text: string): string {
  const line = text.slice(0, MAX_LENGTH + 1).replace(STEERING, ' ');
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line;
}

/**
 * The same for a notification, where VS Code would make a link of `[text](command:…)`, and a click on it would run any
 * command with arguments that a registry chose.
 */
export function plainText(text: string): string {
  return oneLine(text).replaceAll('](', '] (');
}
