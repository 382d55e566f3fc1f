// Puts the peers of peers.json on the machine: Debian packages by apt-get, Go and Python programs into .cache/bin.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, run } from './command.mjs';
import { buildGoProgram, howToBuild, isBuiltByGo, isGoProgram } from './goProgram.mjs';
import { findPeer, peers } from './peers.mjs';
import { isInstalledByPip, requirementOf, setupPythonProgram } from './pythonProgram.mjs';
import { doing, done, note, since } from './say.mjs';

/** Installs what is missing of the named peers (all by default); what it cannot install it names, and goes on. */
export async function setupPeers(names = Object.keys(peers)) {
  const debian = setupDebianPackages(names);
  await Promise.all([debian, setupGoPrograms(names), debian.then(() => setupPythonPrograms(names))]);
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
  const wanted = names.filter((name) => isGoProgram(name) && !isBuiltByGo(name));
  if (wanted.length === 0) return;
  const go = findProgram('go');
  if (!go) {
    const missing = wanted.filter((name) => !findPeer(name));
    const lines = missing.map((name) => `  ${name}: ${howToBuild(name)}`);
    if (missing.length > 0) note(`Not installed, for want of Go (https://go.dev/dl):\n${lines.join('\n')}`);
    return;
  }
  // One after the other: Go uses every core by itself, and two would compile twice the packages that they share.
  for (const name of wanted) await buildGoProgram(go, name);
}

async function setupPythonPrograms(names) {
  const wanted = names.filter((name) => peers[name].pythonPackage && !isInstalledByPip(name));
  if (wanted.length === 0) return;
  const python = findPeer('python3');
  if (!python) {
    const missing = wanted.filter((name) => !findPeer(name));
    const lines = missing.map((name) => `  ${name}: pip install ${requirementOf(name)}`);
    if (missing.length > 0) note(`Not installed, for want of Python 3:\n${lines.join('\n')}`);
    return;
  }
  for (const name of wanted) await setupPythonProgram(python, name);
}
