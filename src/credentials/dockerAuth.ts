import type { Credential } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import { isJsonObject, memberOf } from './jsonMembers';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** An entry of `auths` as it is written; members in the order that `oras login` and docker give them. */
export interface DockerAuth {
  readonly auth?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/**
 * The credential of an entry of `auths`; undefined for an entry without one, as docker leaves it beside a helper, or null.
 * `auth` beats `username` and `password`. Errors: CredentialStoreError (`store`) for an entry that cannot be used.
 */
export function credentialOfAuth(entry: unknown, store: string, key: string): Credential | undefined {
  if (entry === null) return undefined;
  const text = textReader(entry, store, key);
  const registryToken = text('registrytoken');
  if (registryToken !== '') return { kind: 'registryToken', token: registryToken };
  const auth = text('auth');
  const { username, password } =
    auth === '' ? { username: text('username'), password: text('password') } : decodeAuth(auth, store, key);
  const identityToken = text('identitytoken');
  if (identityToken !== '') {
    return { kind: 'identityToken', token: identityToken, ...(username !== '' && { username }) };
  }
  return username === '' && password === '' ? undefined : { kind: 'basic', username, password };
}

/** The entry of `auths` that `oras login` writes for a credential. Errors: CredentialStoreError for a `:` in a name. */
export function authOfCredential(credential: Credential, store: string): DockerAuth {
  switch (credential.kind) {
    case 'basic':
      return { auth: encodeAuth(credential.username, credential.password, store) };
    case 'identityToken':
      return {
        ...(credential.username && { auth: encodeAuth(credential.username, '', store) }),
        identitytoken: credential.token,
      };
    case 'registryToken':
      return { registrytoken: credential.token };
  }
}

function textReader(entry: unknown, store: string, key: string): (name: string) => string {
  if (!isJsonObject(entry)) throw new CredentialStoreError(store, `the entry "${key}" is not an object`);
  return (name) => {
    const value = memberOf(entry, name) ?? '';
    if (typeof value === 'string') return value;
    throw new CredentialStoreError(store, `"${name}" of the entry "${key}" is not a text`);
  };
}

function decodeAuth(auth: string, store: string, key: string): { username: string; password: string } {
  // Go skips line ends too: programs that write base64 break its lines.
  const line = auth.replace(/[\r\n]/g, '');
  const decoded = BASE64.test(line) ? Buffer.from(line, 'base64').toString('utf8') : '';
  const colon = decoded.indexOf(':');
  if (colon < 0) {
    throw new CredentialStoreError(store, `"auth" of the entry "${key}" is not base64 of user:password`);
  }
  return { username: decoded.slice(0, colon), password: withoutZeros(decoded.slice(colon + 1)) };
}

/** Zeros around a password are left over from the buffer that it was encoded in; docker leaves them out too. */
function withoutZeros(password: string): string {
  return password.replace(/^\0+/, '').replace(/\0+$/, '');
}

function encodeAuth(username: string, password: string, store: string): string {
  if (username.includes(':')) {
    throw new CredentialStoreError(store, 'a user name cannot hold a colon');
  }
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}
