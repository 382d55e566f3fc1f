import { BlockList, isIP } from 'node:net';
import { InvalidContentError } from '../../oci/errors';

const LOOPBACK: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
];
const INTERNAL: readonly [string, number, 'ipv4' | 'ipv6'][] = [
  ...LOOPBACK,
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

/**
 * The address of the token server that a registry names; relative ones are the registry's own.
 * A registry must not steer credentials to plain HTTP when it is itself on https, nor into the user's own network.
 * Errors: InvalidContentError. Source: GHSA-vh4v-2xq2-g5cg.
 */
export function realmUrl(realm: string | undefined, registry: URL): URL {
  const url =
    realm !== undefined && URL.canParse(realm, registry.href) ? new URL(realm, registry) : undefined;
  if (!url) throw refusal(registry, 'it is not a URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw refusal(registry, 'it is not http or https');
  if (url.username || url.password) throw refusal(registry, 'it has a user name in it');
  if (url.protocol === 'http:' && registry.protocol === 'https:') {
    throw refusal(registry, 'it is plain http though the registry is on https');
  }
  if (url.hostname !== registry.hostname) refuseInternal(url, registry);
  return url;
}

function refuseInternal(url: URL, registry: URL): void {
  // A registry on this machine may well have its token server on this machine.
  const isOwnMachine = isWithin(url.hostname, LOOPBACK) && isWithin(registry.hostname, LOOPBACK);
  if (isWithin(url.hostname, INTERNAL) && !isOwnMachine) {
    throw refusal(registry, `"${url.hostname}" is an internal address and not the registry's own`);
  }
}

function isWithin(hostname: string, ranges: typeof INTERNAL): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  if (family === 0) return false;
  const list = new BlockList();
  for (const [network, prefix, type] of ranges) list.addSubnet(network, prefix, type);
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function refusal(registry: URL, reason: string): InvalidContentError {
  return new InvalidContentError(`The token server that ${registry.host} names`, reason);
}
