import { InvalidContentError } from '../../oci/errors';
import { isOwnOrigin } from '../../transport/ownOrigin';

/**
 * The URL in a `Location` or `Link` header, relative or absolute. It has to lie where the answer came from: content
 * and credentials go nowhere else. http may become https on the same host name, never the other way. Errors: InvalidContentError naming `what`.
 */
export function sameOrigin(text: string, base: URL, what: string): URL {
  const subject = `The ${what} that ${base.host} gave`;
  if (!URL.canParse(text, base.href)) throw new InvalidContentError(subject, 'it is not a URL');
  const url = new URL(text, base);
  if (url.username || url.password) throw new InvalidContentError(subject, 'it has a user name in it');
  if (!isOwnOrigin(url, base)) {
    throw new InvalidContentError(subject, `it leads to ${url.origin} and not back to ${base.origin}`);
  }
  return url;
}
