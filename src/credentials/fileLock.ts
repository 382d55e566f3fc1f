import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { CredentialStoreError } from '../oci/errors';
import type { WaitOptions } from '../oci/target';
import { systemCodeOf } from './systemCode';

/** A lock is held for milliseconds; one of this age was left behind by a process that died or sleeps. */
const STALE_LOCK_MS = 10_000;
const MAX_WAIT_MS = 30_000;
const MAX_PAUSE_MS = 25;

/** The lock while it is held. */
export interface HeldLock {
  /** False when this process slept so long that another took the lock over. */
  isOurs(): Promise<boolean>;
}

/**
 * Runs `work` while `<file>.lock` is ours, so that of several processes one at a time changes `file`. A lock whose
 * process is gone is taken over. Errors: CredentialStoreError when the lock cannot be had within 30 s.
 */
export async function withFileLock<T>(
  file: string,
  work: (lock: HeldLock) => Promise<T>,
  { signal }: WaitOptions = {},
): Promise<T> {
  const lockFile = `${file}.lock`;
  const mark = JSON.stringify({ pid: process.pid, machine: hostname(), id: randomUUID() });
  await acquire(lockFile, mark, signal);
  const isOurs = async () => (await contentOf(lockFile)) === mark;
  try {
    return await work({ isOurs });
  } finally {
    if (await isOurs()) await rm(lockFile, { force: true });
  }
}

async function acquire(lockFile: string, mark: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUpAt = Date.now() + MAX_WAIT_MS;
  while (!(await createExclusive(lockFile, mark))) {
    if (Date.now() > giveUpAt) {
      throw new CredentialStoreError(
        lockFile,
        'another program holds this lock; remove the file if none does',
      );
    }
    await removeIfStale(lockFile);
    signal?.throwIfAborted();
    // Not passed to the pause: its rejection would wrap the reason, and the pause is short.
    await delay(Math.random() * MAX_PAUSE_MS);
    signal?.throwIfAborted();
  }
}

/** Only one process at a time looks at a stale lock: else the second would remove the fresh lock of the first. */
async function removeIfStale(lockFile: string): Promise<void> {
  if (!(await isStale(lockFile))) return;
  const guard = `${lockFile}.takeover`;
  if (!(await createExclusive(guard, ''))) {
    if ((await ageMs(guard)) > STALE_LOCK_MS) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(lockFile)) await rm(lockFile, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function createExclusive(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(content);
    } catch (error) {
      // Made, but nobody's: on a disk without room it would keep everybody out.
      await rm(file, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    // Windows answers EPERM while a removed file is still open somewhere.
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false;
    throw new CredentialStoreError(file, `the lock file cannot be made (${code})`, { cause: error });
  }
}

async function isStale(lockFile: string): Promise<boolean> {
  if ((await ageMs(lockFile)) > STALE_LOCK_MS) return true;
  const owner = ownerOf(await contentOf(lockFile));
  return owner !== undefined && owner.machine === hostname() && !isAlive(owner.pid);
}

async function ageMs(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}

async function contentOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function ownerOf(mark: string): { pid: number; machine: string } | undefined {
  const match = /^\{"pid":(\d+),"machine":"([^"\\]*)"/.exec(mark);
  return match?.[1] ? { pid: Number(match[1]), machine: match[2] ?? '' } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) !== 'ESRCH';
  }
}
