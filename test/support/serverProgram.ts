import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A program that serves on 127.0.0.x, prints `listening on address:port` to its standard error, and goes on. */
export interface ServerProgram {
  /** Full path. */
  readonly program: string;
  readonly args: readonly string[];
  /** A folder of its own, its working directory, removed when it is stopped. */
  readonly folder: string;
}

/** A server that listens. */
export interface RunningServer {
  /** `address:port` */
  readonly host: string;
  /** Its storage folder. */
  readonly folder: string;
  /** Ends it at once and removes its folder. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const MAX_LINES = 50;

/** Starts a server and waits until it listens. Errors: Error with what it printed. */
export async function startServerProgram({ program, args, folder }: ServerProgram): Promise<RunningServer> {
  // What is traced would go to a collector that is not there.
  const env = { ...process.env, OTEL_TRACES_EXPORTER: 'none' };
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = () => stopAndRemove(child, folder);
  try {
    return { host: await listeningAddress(child, path.basename(program)), folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function listeningAddress(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const fail = (reason: string) => reject(new Error(`${name} ${reason}:\n${said.join('\n')}`));
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    if (!child.stderr) return fail('has no output');
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < MAX_LINES) said.push(line);
      const match = /listening on ([\d.]+:\d+)/.exec(line);
      if (!match?.[1]) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
  });
}

async function stopAndRemove(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}
