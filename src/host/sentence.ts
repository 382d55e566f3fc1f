/** The end of a sentence as a sentence of its own: a capital first, a full stop last. */
export function sentence(text: string): string {
  return `${capitalized(text)}.`;
}

/** A text with a capital first. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
