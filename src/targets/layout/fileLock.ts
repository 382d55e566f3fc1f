import { readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { WaitOptions } from '../../oci/target';
import { asFileError } from '../folder/fileError';
import { isGone, newProcessMark, parseProcessMark } from '../processMark';
import { hasSystemCode } from './systemError';

const RETRY_MS = 5;
/** A holder works for milliseconds; a lock this old was left behind, perhaps by another machine. */
const ABANDONED_AFTER_MS = 10_000;

/**
 * Runs `work` while this process holds the lock file at `path`, so that two processes never change the same document
 * at once. A lock whose holder is dead is taken over. The folder of `path` must exist. Errors: FileError. Not in the spec: readers of a
 * layout ignore the file.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: WaitOptions = {},
): Promise<T> {
  const mark = newProcessMark();
  await acquire(path, mark, options);
  try {
    return await work();
  } finally {
    removeIf(path, mark);
  }
}

async function acquire(path: string, mark: string, { signal }: WaitOptions): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    if (created(path, mark)) return;
    const holder = readMark(path);
    if (holder !== undefined && (await isAbandoned(path, holder))) removeIf(path, holder);
    else await delay(RETRY_MS * (1 + Math.random()));
  }
}

/** At one go, so that a process is hardly ever killed between making the lock and saying whose it is. */
function created(path: string, mark: string): boolean {
  try {
    writeFileSync(path, mark, { flag: 'wx' });
    return true;
  } catch (error) {
    // Windows answers EPERM while another process is just removing the file.
    if (hasSystemCode(error, 'EEXIST', 'EPERM')) return false;
    // Made, but nobody's: it would keep everybody out until it looks abandoned.
    if (hasSystemCode(error, 'ENOSPC', 'EDQUOT')) rmSync(path, { force: true });
    throw asFileError(path, error);
  }
}

async function isAbandoned(path: string, mark: string): Promise<boolean> {
  const holder = parseProcessMark(mark);
  if (holder?.host === hostname()) return isGone(holder);
  const modifiedMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return Date.now() - modifiedMs > ABANDONED_AFTER_MS;
}

/** Reads and removes without giving way in between: the lock may have changed hands since it was looked at. */
function removeIf(path: string, mark: string): void {
  if (readMark(path) !== mark) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw error;
  }
}

function readMark(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
