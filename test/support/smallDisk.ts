import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own with little room. */
export interface SmallDisk {
  readonly folder: string;
  stop(): Promise<void>;
}

/** Mounts one in memory; undefined where that is not allowed: it takes Linux, and root or `sudo` without a password. */
export async function mountSmallDisk(sizeBytes: number): Promise<SmallDisk | undefined> {
  if (process.platform !== 'linux') return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-small-disk-'));
  const options = `size=${sizeBytes},mode=777`;
  const isMounted = await asRoot('mount', '-t', 'tmpfs', '-o', options, 'tmpfs', folder);
  const stop = async () => {
    if (isMounted) await asRoot('umount', '--lazy', folder);
    await rm(folder, { recursive: true, force: true });
  };
  if (isMounted) return { folder, stop };
  await stop();
  return undefined;
}

async function asRoot(program: string, ...args: readonly string[]): Promise<boolean> {
  const line = process.geteuid?.() === 0 ? [program, ...args] : ['sudo', '-n', program, ...args];
  return run(line[0] ?? '', line.slice(1)).then(
    () => true,
    () => false,
  );
}
