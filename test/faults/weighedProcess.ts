import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';

/** What the process is told to run before its program, so that it can be asked for its heap. */
const HANDLE = `process.on('message', (message) => {
  if (message !== 'weigh') return;
  gc();
  setImmediate(() => {
    gc();
    process.send({ heapBytes: process.memoryUsage().heapUsed });
  });
});`;

/** Options of Node for a process that `heapOf` can weigh; `file` is written. */
export async function weighable(file: string): Promise<readonly string[]> {
  await writeFile(file, HANDLE);
  return ['--expose-gc', '--require', file];
}

/** The heap of a process in bytes, after everything that nobody holds was collected. */
export async function heapOf(child: ChildProcess): Promise<number> {
  const told = once(child, 'message') as Promise<[{ readonly heapBytes: number }]>;
  child.send('weigh');
  return (await told)[0].heapBytes;
}
