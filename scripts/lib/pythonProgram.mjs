// A peer from PyPI: a virtual environment of its own in .cache/python, its program linked into .cache/bin.
import { copyFileSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { findPeer, peers } from './peers.mjs';
import { cache } from './places.mjs';
import { doing, done, note, since } from './say.mjs';
import { isStamped, stampAfter } from './stamp.mjs';

/** `moto[server]==5.2.5` */
export const requirementOf = (name) => `${peers[name].pythonPackage}==${peers[name].pythonVersion}`;

/** Whether this very version was installed by us. */
export const isInstalledByPip = (name) => isStamped(name, requirementOf(name), findPeer(name) ?? '');

/** Installs the peer; a failure is named, and does not end the setup. */
export async function setupPythonProgram(python, name) {
  const started = Date.now();
  doing(name, `pip install ${requirementOf(name)}`);
  try {
    await stampAfter(name, requirementOf(name), () => install(python, name));
    done(name, since(started));
  } catch (error) {
    note(`${name} could not be installed: ${error.message}`);
  }
}

async function install(python, name) {
  const folder = newFolder(name);
  await run(python, ['-m', 'venv', folder]);
  const programs = path.join(folder, process.platform === 'win32' ? 'Scripts' : 'bin');
  await run(path.join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', requirementOf(name)]);
  publish(path.join(programs, peers[name].programs[0]), name);
}

/** Programs of a virtual environment name its path, so it is the one without links. */
function newFolder(name) {
  mkdirSync(cache('python'), { recursive: true });
  const folder = path.join(realpathSync(cache('python')), name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function publish(program, name) {
  mkdirSync(cache('bin'), { recursive: true });
  if (process.platform === 'win32') return copyFileSync(`${program}.exe`, cache('bin', `${name}.exe`));
  rmSync(cache('bin', name), { force: true });
  symlinkSync(program, cache('bin', name));
}
