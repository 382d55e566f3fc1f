// The programs of others that tests run beside our own code. scripts/lib/peers.json is the list.
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import peers from '../../scripts/lib/peers.json';
import { projectRoot } from './projectRoot';

/** A program that a test may ask for. */
export type PeerName = keyof typeof peers;

interface PeerFacts {
  readonly programs: readonly string[];
  readonly debianPackage?: string;
  readonly goPackage?: string;
  readonly goVersion?: string;
  readonly pythonPackage?: string;
  readonly pythonVersion?: string;
  readonly goFolder?: string;
}

/** The program's full path (.cache/bin first, then PATH), or undefined when it is not on this machine. */
export function findPeer(name: PeerName): string | undefined {
  const { programs }: PeerFacts = peers[name];
  const own = path.join(projectRoot(), '.cache/bin', process.platform === 'win32' ? `${name}.exe` : name);
  return [own, ...programs.flatMap(placesOf)].find(isExecutable);
}

/**
 * The program's full path.
 * Errors: Error that names what to install.
 */
export function peer(name: PeerName): string {
  const found = findPeer(name);
  if (found === undefined)
    throw new Error(`The program ${name} is missing. Install it: ${howToInstall(name)}`);
  return found;
}

/**
 * The program's full path; skips the running test or suite when it is missing, and with CI=true fails it.
 * Call it as `peerOrSkip(this, 'oras')` in a `before` hook or a test.
 * Errors: Error that names what to install, with CI=true.
 */
export function peerOrSkip(context: Mocha.Context, name: PeerName): string {
  const found = findPeer(name);
  if (found !== undefined) return found;
  if (process.env['CI'] === 'true') return peer(name);
  console.warn(`Skipped for want of ${name}. Install it: ${howToInstall(name)}`);
  return context.skip();
}

function howToInstall(name: PeerName): string {
  const { debianPackage, goPackage, goVersion, goFolder, pythonPackage, pythonVersion }: PeerFacts =
    peers[name];
  if (debianPackage !== undefined) return `apt-get install ${debianPackage}`;
  if (pythonPackage !== undefined) return `pip install ${pythonPackage}==${pythonVersion}`;
  if (goFolder !== undefined) return 'node scripts/setup.mjs builds it with Go';
  return `go install ${goPackage}@${goVersion}, named ${name}`;
}

function placesOf(program: string): string[] {
  if (path.isAbsolute(program)) return [program];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  return folders.flatMap((folder) => endings.map((ending) => path.join(folder, program + ending)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
