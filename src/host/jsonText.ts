import { applyEdits, createScanner, format } from 'jsonc-parser/lib/esm/main';

/** JSON laid out for reading; a text that is none comes back as it is. */
export function prettyJson(text: string): string {
  return applyEdits(text, format(text, undefined, { insertSpaces: true, tabSize: 2 }));
}

/** JSON without white space and comments. Each value keeps the way it was written, so that its digest stays the same. */
export function compactJson(text: string): string {
  const scanner = createScanner(text, true);
  const tokens: string[] = [];
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const start = scanner.getTokenOffset();
    tokens.push(text.slice(start, start + scanner.getTokenLength()));
  }
  return tokens.join('');
}
