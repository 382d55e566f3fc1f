import { InvalidContentError } from '../../oci/errors';
import { bareHost, isInternal, isInternalName, isLoopback } from './internalHost';

/**
 * The address of the token server that a registry names; relative ones are the registry's own.
 * A registry must not steer credentials to plain HTTP when it is itself on https, nor into the user's own network.
 * Errors: InvalidContentError. Source: GHSA-vh4v-2xq2-g5cg.
 */
export function realmUrl(realm: string | undefined, registry: URL): URL {
  if (!isReadable(realm, registry)) throw refusal(registry, 'it is not a URL');
  const url = new URL(realm, registry);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusal(registry, 'it is not http or https');
  if (url.username || url.password) throw refusal(registry, 'it has a user name in it');
  if (url.protocol === 'http:' && registry.protocol === 'https:') {
    throw refusal(registry, 'it is plain http though the registry is on https');
  }
  if (isInternal(url.hostname) && !mayName(registry.hostname, url.hostname)) {
    throw refusal(registry, `"${url.hostname}" is an internal address and not the registry's own`);
  }
  return url;
}

/** True for a realm that is an address, whether or not it is refused. */
export function isReadable(realm: string | undefined, registry: URL): realm is string {
  return realm !== undefined && realm.trim() !== '' && URL.canParse(realm, registry.href);
}

/** Checks like `realmUrl`, and gives undefined in place of an error. */
export function acceptedRealm(realm: string | undefined, registry: URL): URL | undefined {
  try {
    return realmUrl(realm, registry);
  } catch {
    return undefined;
  }
}

/** A registry may name itself; one on this machine others on it; one with an internal name others with such a name. */
function mayName(registry: string, realm: string): boolean {
  if (bareHost(registry) === bareHost(realm)) return true;
  if (isLoopback(realm)) return isLoopback(registry);
  return isInternalName(realm) && isInternal(registry);
}

function refusal(registry: URL, reason: string): InvalidContentError {
  return new InvalidContentError(`The token server that ${registry.host} names`, reason);
}
