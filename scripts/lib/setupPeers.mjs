// Puts the peers of peers.json on the machine: Debian packages by apt-get, Go programs into .cache/bin.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { findProgram, run } from './command.mjs';
import { findPeer, peers } from './peers.mjs';
import { at, cache } from './places.mjs';
import { doing, done, note, since } from './say.mjs';
import { isStamped, stampAfter } from './stamp.mjs';

/** Installs what is missing of the named peers (all by default); what it cannot install it names, and goes on. */
export async function setupPeers(names = Object.keys(peers)) {
  await Promise.all([setupDebianPackages(names), setupGoPrograms(names)]);
}

async function setupDebianPackages(names) {
  const missing = names.filter((name) => peers[name].debianPackage && !findPeer(name));
  if (missing.length === 0) return;
  const packages = missing.map((name) => peers[name].debianPackage);
  if (!isDebianRoot()) {
    note(`Not installed: ${missing.join(', ')}. Install with: ${installLine(packages)}`);
    return;
  }
  const started = Date.now();
  doing('Debian packages', packages.join(', '));
  try {
    await withoutServices(() => aptInstall(packages));
    done('Debian packages', since(started));
  } catch (error) {
    note(`apt-get could not install ${packages.join(', ')}: ${error.message}`);
  }
}

const isDebianRoot = () => process.getuid?.() === 0 && existsSync('/etc/debian_version');

function installLine(packages) {
  if (existsSync('/etc/debian_version')) return `sudo apt-get install ${packages.join(' ')}`;
  return `your package manager; the Debian packages are named ${packages.join(', ')}`;
}

/** A fresh machine has no package lists, and old lists name packages that are gone: then update, and once more. */
async function aptInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  try {
    await install();
  } catch {
    await run('apt-get', ['update'], { env });
    await install();
  }
}

/** Debian starts what it installs; tests start their own registry, so the packages' services stay off. */
async function withoutServices(work) {
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return work();
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    rmSync(policy, { force: true });
  }
}

async function setupGoPrograms(names) {
  const wanted = names.filter((name) => isGoProgram(name) && !isBuilt(name));
  if (wanted.length === 0) return;
  const go = findProgram('go');
  if (!go) {
    const missing = wanted.filter((name) => !findPeer(name));
    const lines = missing.map((name) => `  ${name}: ${howToBuild(name)}`);
    if (missing.length > 0) note(`Not installed, for want of Go (https://go.dev/dl):\n${lines.join('\n')}`);
    return;
  }
  // One after the other: Go uses every core by itself, and two would compile the packages that they share twice.
  for (const name of wanted) await buildProgram(go, name);
}

const isGoProgram = (name) => Boolean(peers[name].goPackage ?? peers[name].goFolder);
const isBuilt = (name) => isStamped(name, versionOf(name), findPeer(name) ?? '');

/** The module's version, or what lies in a folder of ours. */
function versionOf(name) {
  const { goPackage, goVersion, goFolder } = peers[name];
  if (goPackage) return `${goPackage}@${goVersion}`;
  const files = ['go.mod', 'go.sum', 'main.go'].map((file) => readFileSync(at(goFolder, file)));
  return createHash('sha256').update(Buffer.concat(files)).digest('hex');
}

function howToBuild(name) {
  const { goPackage, goFolder } = peers[name];
  return goPackage ? `go install ${versionOf(name)}` : `go build -C ${goFolder}`;
}

async function buildProgram(go, name) {
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
