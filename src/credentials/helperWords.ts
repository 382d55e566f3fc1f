const MAX_SAID_CHARACTERS = 300;
/** A secret shorter than this may be part of any word: what it stands in is not shown at all. */
const MIN_TELLABLE_CHARACTERS = 4;

/** What a failed helper said. `secret` is the one it was given, if any; `input` all that it was given. */
export interface HelperWords {
  readonly output: string;
  readonly warnings: string;
  readonly secret?: string | undefined;
}

/**
 * What a helper said when it failed, fit for a message: one line of its output, else of its warnings, capped. Empty when
 * that could hold a secret: an answer printed before the failure, or the secret it was given in any spelling.
 */
export function speakable({ output, warnings, secret }: HelperWords): string {
  const said = oneLine(output) || oneLine(warnings);
  // An answer printed before the failure would hold the secret.
  if (/["']?secret["']?\s*[:=]/i.test(said) || oneLine(output).startsWith('{')) return '';
  if (secret !== undefined && holdsSecret(said, secret)) return '';
  return said.slice(0, MAX_SAID_CHARACTERS).replace(/\.$/, '');
}

function holdsSecret(said: string, secret: string): boolean {
  if (secret.length < MIN_TELLABLE_CHARACTERS) return said.includes(secret);
  return spellings(secret).some((spelling) => said.includes(spelling));
}

/** The ways in which a program could repeat a secret; of base64 the part that does not depend on what is around it. */
function spellings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(' '.repeat(shift) + secret, 'utf8').toString('base64');
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [
    secret,
    oneLine(secret),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    ...base64,
  ].filter((spelling) => spelling.length >= MIN_TELLABLE_CHARACTERS);
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
