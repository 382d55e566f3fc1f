// The project's own npm packages, as package-lock.json names them.
import { existsSync, readFileSync } from 'node:fs';
import { npm } from './command.mjs';
import { at, root } from './places.mjs';
import { doing, done, since } from './say.mjs';

/** Runs `npm ci` unless node_modules holds what package-lock.json asks for. */
export async function setupDependencies() {
  if (isUpToDate()) return;
  const started = Date.now();
  doing('Dependencies', 'npm ci');
  await npm(['ci', '--include=dev'], { cwd: root });
  done('Dependencies', since(started));
}

/** Compares versions, not times: a checkout or a copy gives files any time. */
function isUpToDate() {
  const installedFile = at('node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = packagesOf(at('package-lock.json'));
  const installed = packagesOf(installedFile);
  return Object.entries(wanted)
    .filter(([place, entry]) => place !== '' && !entry.optional && !entry.link)
    .every(([place, entry]) => installed[place]?.version === entry.version);
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
