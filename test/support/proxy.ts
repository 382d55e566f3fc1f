import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { peer } from './peers';

/** How a proxy is set up. Nothing given: anyone may use it, for every port. */
export interface ProxyOptions {
  /** `user:password` that it asks for. */
  readonly login?: string;
  /** The only port that it opens tunnels to. */
  readonly connectPort?: number;
  /** Where it listens on 127.0.0.1; any free port by default. */
  readonly port?: number;
}

/** A running tinyproxy. */
export interface Proxy {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** The request lines of its own log, e.g. `CONNECT 127.0.0.2:5000 HTTP/1.1`, since they were asked for last. */
  readonly requests: () => string[];
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/** Starts Debian's tinyproxy, a forward proxy for plain HTTP and CONNECT, with its log kept. */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-proxy-'));
  const port = options.port ?? (await freePort());
  const config = path.join(folder, 'tinyproxy.conf');
  await writeFile(config, configuration(port, options));
  const child = spawn(peer('tinyproxy'), ['-d', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await listening(child, port, lines);
  return {
    host: `127.0.0.1:${port}`,
    requests: () => lines.splice(0).flatMap((line) => /Request .*: (\S+ \S+ HTTP\S*)/.exec(line)?.[1] ?? []),
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configuration(port: number, { login, connectPort }: ProxyOptions): string {
  const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'Timeout 60', 'MaxClients 50', 'LogLevel Connect'];
  if (login) lines.push(`BasicAuth ${login.replace(':', ' ')}`);
  if (connectPort) lines.push(`ConnectPort ${connectPort}`);
  return `${lines.join('\n')}\n`;
}

/** It does not say when it listens. */
async function listening(child: ChildProcess, port: number, lines: readonly string[]): Promise<void> {
  let ended = false;
  child.once('exit', () => (ended = true));
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end && !ended;) {
    if (await accepts(port)) return;
  }
  throw new Error(`tinyproxy did not start:\n${lines.join('\n')}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true)).once('error', () => setTimeout(answer, 50, false));
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
