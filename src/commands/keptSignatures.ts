const SHOWN = 3;

/** A sentence on tags of signatures that a destination keeps, with a blank before it; empty when there are none. */
export function keptSignatures(tags: readonly string[]): string {
  if (tags.length === 0) return '';
  const shown = tags.slice(0, SHOWN).join(', ');
  const more = tags.length > SHOWN ? ` and ${tags.length - SHOWN} more` : '';
  return ` Left as it is at the destination, since it holds signatures that the source lacks: ${shown}${more}.`;
}
