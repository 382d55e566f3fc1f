import type { Credential } from '../../../src/oci/credential';

/** A user name and a secret that is looked for wherever it must not be. */
export const account = { username: 'someone', password: 'marked-secret' } as const;

/** The account as a client has it. */
export const accountCredential: Credential = { kind: 'basic', ...account };

/** The value of `Authorization` for a user name and password. */
export function basic(username: string = account.username, password: string = account.password): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
