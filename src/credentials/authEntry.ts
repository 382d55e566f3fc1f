import type { FoundCredential } from './credentialStore';
import { credentialOfAuth } from './dockerAuth';
import type { DockerConfig } from './dockerConfigFile';

/** The credential of `auths[key]`, with its place. Errors: CredentialStoreError for an entry that cannot be used. */
export function authEntry({ auths }: DockerConfig, key: string, file: string): FoundCredential | undefined {
  if (!auths.has(key)) return undefined;
  const credential = credentialOfAuth(auths.get(key), file, key);
  return credential && { credential, place: `the entry "${key}" of ${file}` };
}
