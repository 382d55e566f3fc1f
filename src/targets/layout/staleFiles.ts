import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { isLeftBehind } from '../processMark';
import { unlessMissing } from './systemError';

/** How long what a process left in a staging folder may still be continued, and is kept. */
export const STALE_AFTER_MS = 24 * 60 * 60 * 1000;

/** A file or folder that nobody works on any more. */
export interface StaleFile {
  /** Its path. */
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * What stands in a staging folder of processes of this machine that are gone, and of others what was last written more
 * than `maxAgeMs` before `nowMs`; a folder is as young as its youngest file.
 */
export async function staleFiles(
  folder: string,
  nowMs: number,
  maxAgeMs = STALE_AFTER_MS,
): Promise<readonly StaleFile[]> {
  const stale: StaleFile[] = [];
  for (const name of (await unlessMissing(readdir(folder))) ?? []) {
    const file = path.join(folder, name);
    const { sizeBytes, writtenMs } = await stateOf(file);
    if (isLeftBehind(name) || nowMs - writtenMs > maxAgeMs) stale.push({ file, sizeBytes });
  }
  return stale;
}

/** Removes what `staleFiles` finds, and tells what it was. */
export async function removeStale(
  folder: string,
  nowMs: number,
  maxAgeMs = STALE_AFTER_MS,
): Promise<readonly StaleFile[]> {
  const stale = await staleFiles(folder, nowMs, maxAgeMs);
  for (const { file } of stale) await rm(file, { recursive: true, force: true });
  return stale;
}

/** What is gone meanwhile counts as just written. */
async function stateOf(file: string): Promise<{ readonly sizeBytes: number; readonly writtenMs: number }> {
  const found = await unlessMissing(stat(file));
  if (!found) return { sizeBytes: 0, writtenMs: Infinity };
  if (!found.isDirectory()) return { sizeBytes: found.size, writtenMs: found.mtimeMs };
  const names = (await unlessMissing(readdir(file))) ?? [];
  const inside = await Promise.all(names.map((name) => unlessMissing(stat(path.join(file, name)))));
  return {
    sizeBytes: inside.reduce((sum, each) => sum + (each?.size ?? 0), 0),
    writtenMs: Math.max(found.mtimeMs, ...inside.map((each) => each?.mtimeMs ?? 0)),
  };
}
