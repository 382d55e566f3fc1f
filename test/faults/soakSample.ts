import type { ChildProcess } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { heapOf } from './weighedProcess';

/** Where to look. */
export interface Places {
  /** The registry's process where it is ours; it can be weighed. */
  readonly serverProcess?: ChildProcess;
  /** The registry's content. */
  readonly registryFolder?: string;
}

/** What is counted and weighed between two cycles. Bytes, or numbers of things; a server's only where it is ours. */
export interface Sample {
  readonly cycle: number;
  readonly heapBytes: number;
  readonly clientRssBytes: number;
  readonly clientFiles: number;
  readonly clientSockets: number;
  readonly temporaryFiles: number;
  readonly serverHeapBytes?: number;
  readonly serverRssBytes?: number;
  readonly serverFiles?: number;
  readonly serverSockets?: number;
  readonly registryFiles?: number;
}

/** A measure by its name. */
export type Measure = Exclude<keyof Sample, 'cycle'>;

/** Measures, after everything that nobody holds was collected. /proc is there on Linux; elsewhere nothing is open. */
export async function takeSample(
  cycle: number,
  { serverProcess, registryFolder, temporaryFolder }: Places & { readonly temporaryFolder: string },
): Promise<Sample> {
  await collectHeap();
  const { heapUsed, rss } = process.memoryUsage();
  const client = await openIn('self');
  return {
    cycle,
    heapBytes: heapUsed,
    clientRssBytes: rss,
    clientFiles: client.files,
    clientSockets: client.sockets,
    temporaryFiles: await filesBelow(temporaryFolder),
    ...(serverProcess && (await serverFacts(serverProcess))),
    ...(registryFolder !== undefined && { registryFiles: await filesBelow(registryFolder) }),
  };
}

/** Twice, with a turn of the event loop between: what a finaliser lets go of is collected the second time. */
async function collectHeap(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}

async function serverFacts(
  server: ChildProcess,
): Promise<Pick<Sample, 'serverHeapBytes' | 'serverRssBytes' | 'serverFiles' | 'serverSockets'>> {
  const serverHeapBytes = await heapOf(server);
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8').catch(() => '');
  const { files, sockets } = await openIn(String(server.pid));
  const rssKilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return {
    serverHeapBytes,
    serverRssBytes: rssKilobytes * 1024,
    serverFiles: files,
    serverSockets: sockets,
  };
}

async function openIn(process: string): Promise<{ readonly files: number; readonly sockets: number }> {
  const folder = `/proc/${process}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')));
  const sockets = links.filter((link) => link.startsWith('socket:')).length;
  return { files: links.filter((link) => link !== '').length - sockets, sockets };
}

async function filesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
