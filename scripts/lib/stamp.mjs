// A stamp remembers which version of a thing was installed last, so that the second run has nothing to do.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cache } from './places.mjs';

const fileOf = (name) => cache('stamps', name);

/** Whether this very version was installed, and the file that proves it is still there. */
export function isStamped(name, version, proof) {
  const file = fileOf(name);
  return existsSync(proof) && existsSync(file) && readFileSync(file, 'utf8') === version;
}

/** Runs the installation and sets the stamp once it is through; a broken one leaves no stamp. */
export async function stampAfter(name, version, install) {
  rmSync(fileOf(name), { force: true });
  await install();
  mkdirSync(cache('stamps'), { recursive: true });
  writeFileSync(fileOf(name), version);
}
