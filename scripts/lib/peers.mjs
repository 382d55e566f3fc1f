// The programs of others that the tests compare us with. peers.json is the one list; test/support/peers.ts reads it too.
import { readFileSync } from 'node:fs';
import { findProgram } from './command.mjs';
import { cache } from './places.mjs';

/** name → { programs, debianPackage }, { programs, goPackage, goVersion } or { programs, goFolder }, a module of ours. */
export const peers = JSON.parse(readFileSync(new URL('peers.json', import.meta.url), 'utf8'));

/** The program's path: ours in .cache/bin first, then PATH; undefined when it is nowhere. */
export function findPeer(name) {
  const own = process.platform === 'win32' ? `${name}.exe` : name;
  return findProgram(cache('bin', own), ...peers[name].programs);
}
