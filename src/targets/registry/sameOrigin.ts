import { InvalidContentError } from '../../oci/errors';

/**
 * The URL in a `Location` or `Link` header, relative or absolute. It has to lie where the answer came from: content
 * and credentials go nowhere else, and https does not become http. Errors: InvalidContentError naming `what`.
 */
export function sameOrigin(text: string, base: URL, what: string): URL {
  const subject = `The ${what} that ${base.host} gave`;
  if (!URL.canParse(text, base.href)) throw new InvalidContentError(subject, 'it is not a URL');
  const url = new URL(text, base);
  if (url.username || url.password) throw new InvalidContentError(subject, 'it has a user name in it');
  if (url.origin !== base.origin) {
    throw new InvalidContentError(subject, `it leads to ${url.origin} and not back to ${base.origin}`);
  }
  return url;
}
