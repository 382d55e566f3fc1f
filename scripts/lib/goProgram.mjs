// Programs that Go builds: pinned modules of others, and small modules of ours that only start what others wrote.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { findPeer, peers } from './peers.mjs';
import { at, cache } from './places.mjs';
import { doing, done, note, since } from './say.mjs';
import { isStamped, stampAfter } from './stamp.mjs';

/** Whether a peer is one of these. */
export const isGoProgram = (name) => Boolean(peers[name].goPackage ?? peers[name].goFolder);

/** Whether this very version was built. */
export const isBuiltByGo = (name) => isStamped(name, versionOf(name), findPeer(name) ?? '');

/** The command that builds it, for people. */
export function howToBuild(name) {
  const { goPackage, goFolder } = peers[name];
  return goPackage ? `go install ${versionOf(name)}` : `go build -C ${goFolder}`;
}

/** Builds it into .cache/bin; where that fails it says so, and goes on. */
export async function buildGoProgram(go, name) {
  const started = Date.now();
  doing(name, howToBuild(name));
  mkdirSync(cache('bin'), { recursive: true });
  const folder = mkdtempSync(cache('bin', '.go-'));
  try {
    await stampAfter(name, versionOf(name), async () => {
      await compile(go, name, folder);
      const [built] = readdirSync(folder);
      renameSync(path.join(folder, built), cache('bin', name + path.extname(built)));
    });
    done(name, since(started));
  } catch (error) {
    note(`${name} could not be built: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the one program into the folder. */
function compile(go, name, folder) {
  const { goFolder } = peers[name];
  const build = ['build', '-C', at(goFolder ?? ''), '-buildvcs=false', '-o', folder, '.'];
  return run(go, goFolder ? build : ['install', versionOf(name)], { env: { GOBIN: folder, GOFLAGS: '' } });
}

/** The module's version, or what lies in a folder of ours. */
function versionOf(name) {
  const { goPackage, goVersion, goFolder } = peers[name];
  if (goPackage) return `${goPackage}@${goVersion}`;
  const files = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(at(goFolder, file)));
  return createHash('sha256').update(Buffer.concat(files)).digest('hex');
}
