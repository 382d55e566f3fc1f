import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** What a process leaves in a file that says whose something is. */
export interface ProcessMark {
  readonly host: string;
  readonly pid: number;
}

/** The text by which this process marks something as its own; no two are equal. */
export function newProcessMark(): string {
  return JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() });
}

/** A name for a temporary file, by which `isLeftBehind` knows whose it is; no two are equal. */
export function ownFileName(prefix: string): string {
  return [prefix, encodeURIComponent(hostname()), process.pid, randomUUID()].join('~');
}

/** True for an `ownFileName` of a process of this machine that is gone. */
export function isLeftBehind(name: string): boolean {
  const [, host, pid, id] = name.split('~');
  return (
    id !== undefined &&
    host === encodeURIComponent(hostname()) &&
    isGone({ host: hostname(), pid: Number(pid) })
  );
}

/** Whose mark it is; undefined for a text that is none, or not whole. */
export function parseProcessMark(text: string): ProcessMark | undefined {
  try {
    const { host, pid } = JSON.parse(text) as { host?: unknown; pid?: unknown };
    return typeof host === 'string' && typeof pid === 'number' ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}

/** True for a process of this machine that is gone; of another machine nothing is known. */
export function isGone({ host, pid }: ProcessMark): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
