import type { CredentialQuery } from '../oci/credential';
import { CredentialStoreError } from '../oci/errors';
import { variable, type CredentialEnvironment } from './credentialEnvironment';
import type { FoundCredential } from './credentialStore';
import { credentialOfAuth } from './dockerAuth';
import { isJsonObject, memberOf, parseQuietly, type JsonMembers } from './jsonMembers';
import { matchingKeys, narrowerKeys } from './serverKey';

/** The environment variable that holds logins as docker's config file has them, and that docker reads before the file. */
export const DOCKER_AUTH_VARIABLE = 'DOCKER_AUTH_CONFIG';
const LABEL = `The variable ${DOCKER_AUTH_VARIABLE}`;

/**
 * The logins in `DOCKER_AUTH_CONFIG`: one JSON object with `auths`, and in each entry `auth`. As with docker, anything
 * else in it makes the whole unusable. Errors: CredentialStoreError naming the variable, without its text.
 * Source: docker CLI 28, configuration file, "DOCKER_AUTH_CONFIG".
 */
export class DockerAuthVariable {
  constructor(private readonly environment: CredentialEnvironment) {}

  /** True where the variable is set, whatever it holds. */
  get isSet(): boolean {
    return variable(this.environment, DOCKER_AUTH_VARIABLE) !== undefined;
  }

  /** The login for a host, or the narrower one for a part of it. */
  find(host: string, query?: CredentialQuery): FoundCredential | undefined {
    const auths = readAuths(variable(this.environment, DOCKER_AUTH_VARIABLE) ?? '');
    const keys = Object.keys(auths);
    for (const key of [...narrowerKeys(keys, host, query?.repository), ...matchingKeys(keys, host)]) {
      const credential = credentialOfAuth(auths[key], LABEL, key);
      if (credential)
        return { credential, place: `the entry "${key}" of the variable ${DOCKER_AUTH_VARIABLE}` };
    }
    return undefined;
  }

  /** Throws where what is done to the login of a host would not count: docker reads the variable first. */
  refuse(host: string, why: string): void {
    const [key] = this.isSet ? matchingKeys(this.usableKeys(), host) : [];
    if (key !== undefined) throw failure(`its entry "${key}" ${why}`);
  }

  private usableKeys(): readonly string[] {
    try {
      return Object.keys(readAuths(variable(this.environment, DOCKER_AUTH_VARIABLE) ?? ''));
    } catch {
      return [];
    }
  }
}

function readAuths(text: string): JsonMembers {
  if (['', 'null'].includes(text.trim())) return {};
  const root = parseQuietly(text);
  if (root === undefined) throw failure('it is not JSON');
  const auths = onlyMember(root, 'auths', 'it') ?? {};
  if (!isJsonObject(auths)) throw failure('"auths" is not a JSON object');
  const entries = Object.entries(auths).filter(([, entry]) => entry !== null);
  for (const [key, entry] of entries) checkEntry(key, entry);
  return Object.fromEntries(entries);
}

/** Each entry is checked, whichever is asked for: one that cannot be used spoils the variable for docker. */
function checkEntry(key: string, entry: unknown): void {
  const auth = onlyMember(entry, 'auth', `the entry "${key}"`) ?? '';
  if (auth === '') throw failure(`"auth" of the entry "${key}" is missing`);
  credentialOfAuth(entry, LABEL, key);
}

function onlyMember(value: unknown, name: string, what: string): unknown {
  if (!isJsonObject(value)) throw failure(`${what} is not a JSON object`);
  const isOther = Object.keys(value).some((member) => member.toLowerCase() !== name);
  if (isOther) throw failure(`${what} has a member beside "${name}", and docker then leaves it unread`);
  return memberOf(value, name);
}

function failure(reason: string): CredentialStoreError {
  return new CredentialStoreError(LABEL, reason);
}
