import { BlockList, isIP } from 'node:net';

type Network = readonly [address: string, prefix: number, family: 'ipv4' | 'ipv6'];

const LOOPBACK: readonly Network[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
];

/** Addresses that mean something else in each network, or nothing outside of one. */
const INTERNAL: readonly Network[] = [
  ...LOOPBACK,
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 9, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
  // Ways to write an IPv4 address that a gateway turns back into one: NAT64, Teredo, 6to4.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
];

const LOOPBACK_NAMES = ['localhost', 'localhost.localdomain', 'ip6-localhost', 'ip6-loopback'];
/** Kept for private networks: RFC 6762, RFC 8375, and ICANN's `internal`, where clouds have their metadata servers. */
const INTERNAL_DOMAINS = ['local', 'localdomain', 'internal', 'home.arpa'];

const loopback = blockList(LOOPBACK);
const internal = blockList(INTERNAL);

/** A host name as it is compared: a URL has it in lower case and ASCII, a dot at its end changes nothing. */
export function bareHost(hostname: string): string {
  return hostname.replace(/\.$/, '');
}

/** True for names and addresses of this machine. `hostname` is a URL's. */
export function isLoopback(hostname: string): boolean {
  const name = bareHost(hostname);
  return LOOPBACK_NAMES.includes(name) || name.endsWith('.localhost') || isWithin(loopback, name);
}

/**
 * True for what is reached only from within a network: private, link-local and the like. `hostname` is a URL's, which
 * has octal, hexadecimal and shortened IPv4 addresses in their usual form. Source: IANA special-purpose registries.
 */
export function isInternal(hostname: string): boolean {
  const name = bareHost(hostname);
  return isLoopback(name) || isWithin(internal, name) || isInternalName(name);
}

/** True for a name below a domain that is kept for private networks. */
export function isInternalName(hostname: string): boolean {
  return INTERNAL_DOMAINS.some((domain) => bareHost(hostname).endsWith(`.${domain}`));
}

function isWithin(list: BlockList, hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function blockList(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix, family] of networks) list.addSubnet(address, prefix, family);
  return list;
}
