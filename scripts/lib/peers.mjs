// The programs of others that the tests compare us with. peers.json is the one list; test/support/peers.ts reads it too.
import { readFileSync } from 'node:fs';
import { findProgram } from './command.mjs';
import { cache } from './places.mjs';

/**
 * name → { programs } with { debianPackage }, { goPackage, goVersion }, { goFolder }, a module of ours, or
 * { pythonPackage, pythonVersion }; `suites` where not all that run programs need it.
 */
export const peers = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));

const suitesWithPeers = ['registry', 'host', 'network'];

/** The peers that these suites of tests need: building them all takes minutes. */
export function peersOf(suites) {
  const isNeeded = (name) => (peers[name].suites ?? suitesWithPeers).some((suite) => suites.includes(suite));
  return Object.keys(peers).filter(isNeeded);
}

/** The program's path: ours in .cache/bin first, then PATH; undefined when it is nowhere. */
export function findPeer(name) {
  const own = process.platform === 'win32' ? `${name}.exe` : name;
  return findProgram(cache('bin', own), ...peers[name].programs);
}
