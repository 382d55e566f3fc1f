import { open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { ifExists, onDisk, systemCodeOf } from '../folder/fileError';
import { isGone, newProcessMark, parseProcessMark } from '../processMark';

/** A folder that is this process's own until `release`. */
export interface Claim {
  release(): Promise<void>;
}

const FILE = /^owner\.(\d{1,9})$/;
const HEARTBEAT_MS = 20_000;
/** An owner that is alive says so before this. */
const STALE_MS = 120_000;

/**
 * Makes a folder this process's own; undefined when a living process has it, this one included. Owners are numbered: who
 * takes over from a dead one makes the file of the next number, which only one can. Errors: FileError.
 */
export async function claim(folder: string): Promise<Claim | undefined> {
  const last = await lastOwner(folder);
  if (last && (await isAlive(last.file))) return undefined;
  const number = (last?.number ?? 0) + 1;
  const file = path.join(folder, `owner.${number}`);
  if (!(await created(file))) return undefined;
  const now = await owners(folder);
  if (now.some((other) => other.number > number)) {
    await rm(file, { force: true });
    return undefined;
  }
  for (const other of now) if (other.number < number) await rm(other.file, { force: true });
  const beat = setInterval(
    () => void utimes(file, new Date(), new Date()).catch(() => undefined),
    HEARTBEAT_MS,
  );
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      await onDisk(file, () => rm(file, { force: true }));
    },
  };
}

/** True while a living process has the folder. Errors: FileError. */
export async function isClaimed(folder: string): Promise<boolean> {
  const last = await lastOwner(folder);
  return last !== undefined && (await isAlive(last.file));
}

interface Owner {
  readonly number: number;
  readonly file: string;
}

async function owners(folder: string): Promise<readonly Owner[]> {
  const names = (await ifExists(folder, () => readdir(folder))) ?? [];
  return names.flatMap((name) => {
    const number = Number(FILE.exec(name)?.[1] ?? 0);
    return number > 0 ? [{ number, file: path.join(folder, name) }] : [];
  });
}

async function lastOwner(folder: string): Promise<Owner | undefined> {
  return [...(await owners(folder))].sort((a, b) => b.number - a.number)[0];
}

async function created(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(newProcessMark()).finally(() => handle.close());
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false;
    return onDisk(file, () => Promise.reject(error as Error));
  }
}

/** A number of a dead process may be another's by now: so the heartbeat counts as well. */
async function isAlive(file: string): Promise<boolean> {
  const changed = await ifExists(file, () => stat(file));
  if (!changed) return false;
  if (Date.now() - changed.mtimeMs > STALE_MS) return false;
  const owner = parseProcessMark(await readFile(file, 'utf8').catch(() => ''));
  return owner === undefined || !isGone(owner);
}
