import { bounded, boundedMessage, cut, MAX_MESSAGE_LENGTH } from '../oci/boundedText';

const MAX_ROW_LENGTH = 200;
/** What steers a terminal, begins a line of its own, or turns the order of what is read. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** A text of elsewhere, such as a registry's words or a name in an archive, as one line, bounded as a message. */
export function oneLine(text: string): string {
  return boundedMessage(text).replace(STEERING, ' ');
}

/**
 * The same for what VS Code makes a link of: `[text](command:…)` in a notification or below an input box, where a click
 * runs any command with arguments that a registry chose.
 */
export function plainText(text: string): string {
  return bounded(oneLine(text).replaceAll('](', '] ('), MAX_MESSAGE_LENGTH);
}

/** The details of a question: lines of our own with texts of elsewhere in them. */
export function plainLines(text: string): string {
  return bounded(boundedMessage(text).split('\n').map(plainText).join('\n'), MAX_MESSAGE_LENGTH);
}

/** The same as a part of a list to choose from, or of the status bar, where VS Code makes an icon of `$(name)`. */
export function rowText(text: string, maxLength = MAX_ROW_LENGTH): string {
  return cut(text, maxLength).replace(STEERING, ' ').replaceAll('$(', '$ (');
}
