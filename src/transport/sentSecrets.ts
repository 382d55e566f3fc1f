import { redactedValues } from './redactUrl';
import type { Outgoing } from './outgoing';

const MAX_REMEMBERED = 300;
/** Shorter texts stand in any message by chance. */
const MIN_LENGTH = 4;
/** The user's own headers may say `true` or `staging` as well. */
const MIN_HEADER_LENGTH = 8;
const SHOWN_INSTEAD = '(secret)';

/**
 * Every secret that a transport sent lately, so that a server that repeats one in its answer does not bring it into an
 * error or a log. Knows how servers write them: as they are, in base64, in JSON, in a URL.
 */
export class SentSecrets {
  /** The one that was sent last at the end. */
  private readonly known = new Set<string>();

  /** Remembers what a request carries: credentials, the user's own headers, what it names, the signature in its URL. */
  noteAll({ url, headers, endpoint, secrets = [] }: Outgoing): void {
    const own = Object.values(endpoint.headers ?? {}).filter(({ length }) => length >= MIN_HEADER_LENGTH);
    const authorization = Object.entries({ ...endpoint.headers, ...headers })
      .filter(([name]) => name.toLowerCase() === 'authorization')
      .map(([, value]) => value);
    for (const value of authorization) this.noteAuthorization(value);
    for (const secret of [...own, ...secrets, ...redactedValues(url)]) this.note(secret);
  }

  /** Remembers what a header like `Authorization` signs in with. */
  noteAuthorization(value: string): void {
    for (const secret of secretsOfAuthorization(value)) this.note(secret);
  }

  /** The text with `(secret)` in place of each secret. */
  scrub(text: string): string {
    if (text.length < MIN_LENGTH) return text;
    const spellings = [...new Set([...this.known].flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
    return spellings.reduce((scrubbed, spelling) => scrubbed.replaceAll(spelling, SHOWN_INSTEAD), text);
  }

  private note(secret: string): void {
    if (secret.length < MIN_LENGTH) return;
    this.known.delete(secret);
    this.known.add(secret);
    const [oldest] = this.known;
    if (this.known.size > MAX_REMEMBERED && oldest !== undefined) this.known.delete(oldest);
  }
}

/** What stands behind the scheme; of Basic also the password in it. Spec: RFC 7617. */
function secretsOfAuthorization(value: string): string[] {
  const [scheme = '', text = ''] = value.split(' ');
  if (scheme.toLowerCase() !== 'basic') return [text];
  const pair = Buffer.from(text, 'base64').toString('utf8');
  return [text, pair.slice(pair.indexOf(':') + 1)];
}

/** The ways to write a secret. */
function spellingsOf(secret: string): readonly string[] {
  const json = inJson(secret);
  const bytes = Buffer.from(secret);
  return [
    secret,
    // A body that was JSON, repeated within JSON, is escaped twice.
    ...[json, inJson(json)].flatMap((text) => [text, inGoJson(text)]),
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
    bytes.toString('base64'),
    bytes.toString('base64url'),
  ];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Go escapes what is special in HTML. */
function inGoJson(json: string): string {
  return json.replace(/[<>&]/g, (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`);
}
