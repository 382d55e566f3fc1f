import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { FileError, messageOf } from '../oci/errors';
import { expandHome } from './expandHome';

/** What a PEM file of the settings is for; the word that a sentence about it uses. */
export type PemPurpose = 'CA file' | 'client certificate' | 'client key';

/**
 * The PEM files that settings name: read once for each time they change (by size and time of change) and looked
 * through, so that a wrong one is named before a handshake fails for it.
 */
export class ConnectionFiles {
  private readonly known = new Map<string, { readonly version: string; readonly text: string }>();

  /** The text of a file, the same string until the file changes. `~/` is the home folder. Errors: FileError. */
  async read(name: string, purpose: PemPurpose): Promise<string> {
    const file = expandHome(name);
    const key = `${purpose} ${file}`;
    try {
      const { mtimeMs, size } = await stat(file);
      const version = `${mtimeMs} ${size}`;
      const known = this.known.get(key);
      if (known?.version === version) return known.text;
      const text = await readFile(file, 'utf8');
      check(file, purpose, text);
      this.known.set(key, { version, text });
      return text;
    } catch (cause) {
      if (cause instanceof FileError) throw cause;
      const code = (cause as NodeJS.ErrnoException).code ?? 'UNKNOWN';
      throw new FileError(file, code, `the ${purpose} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
}

/** Whether a key is that of a certificate; both PEM texts that `ConnectionFiles` gave. */
export function isKeyOf(key: string, certificate: string): boolean {
  return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key));
}

function check(file: string, purpose: PemPurpose, text: string): void {
  const isKey = purpose === 'client key';
  if (isKey && isEncrypted(text)) {
    const reason = 'the client key is encrypted; name a copy without a passphrase that only you can read';
    throw new FileError(file, 'ENCRYPTED', reason);
  }
  try {
    if (isKey) createPrivateKey(text);
    else new X509Certificate(text);
  } catch {
    // The parser's own message says little, and what it says of a key is nobody's business.
    throw new FileError(
      file,
      'NOT_PEM',
      `the ${purpose} holds no ${isKey ? 'private key' : 'certificate'} in PEM format`,
    );
  }
}

/** Both forms of encrypted PEM keys: PKCS #8, and the older one with a header. */
function isEncrypted(pem: string): boolean {
  return /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem);
}
