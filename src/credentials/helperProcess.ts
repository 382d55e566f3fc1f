import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { WaitOptions } from '../oci/target';
import { systemCodeOf } from './systemCode';

/** The largest answer of a helper that is read, in bytes. */
export const MAX_HELPER_OUTPUT_BYTES = 256 * 1024;
/** What is kept of a helper's warnings (stderr), in bytes; the rest is read and dropped. */
const MAX_WARNING_BYTES = 4 * 1024;
/** How long the warnings of a helper that failed are waited for once it has ended. */
const LATE_WARNING_MS = 200;

/** A program to run: no shell between; `input` goes to its stdin and nowhere else. */
export interface HelperCall {
  readonly program: string;
  /** Never a secret: others on the machine can read them. */
  readonly args: readonly string[];
  readonly input: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly timeLimitMs: number;
}

/**
 * How a call ended: an exit with what was said on stdout and, capped, on stderr, or why there was none, as the end of a
 * sentence.
 */
export type HelperOutcome =
  | { readonly exitCode: number; readonly output: string; readonly warnings: string }
  | { readonly problem: string };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Runs a helper once. With its children it is ended when it hangs, says too much, or the wait is aborted. */
export async function runHelper(call: HelperCall, { signal }: WaitOptions = {}): Promise<HelperOutcome> {
  signal?.throwIfAborted();
  const child = startHelper(call);
  const stop = new AbortController();
  try {
    return await Promise.race([
      outcomeOf(child),
      timeLimit(call.timeLimitMs, stop.signal),
      ...(signal ? [abortOf(signal, stop.signal)] : []),
    ]);
  } finally {
    stop.abort();
    endGroup(child);
  }
}

function startHelper({ program, args, input, variables }: HelperCall): Child {
  const child = spawn(program, [...args], {
    env: variables,
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: false,
    windowsHide: true,
    // A process group of its own, so that what a script started can be ended with it.
    detached: process.platform !== 'win32',
  });
  // A helper may end without reading its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return child;
}

function outcomeOf(child: Child): Promise<HelperOutcome> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const warnings = keepWarnings(child.stderr);
  const lastWarning = closeOf(child.stderr);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ problem: `it cannot be started (${systemCodeOf(error)})` }));
    child.stdout.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= MAX_HELPER_OUTPUT_BYTES) chunks.push(chunk);
      else resolve({ problem: `its answer is larger than ${MAX_HELPER_OUTPUT_BYTES} bytes` });
    });
    void Promise.all([closeOf(child.stdout), exitOf(child)]).then(async ([, { code, signalName }]) => {
      if (code === null) return resolve({ problem: `it was ended by ${signalName ?? 'a signal'}` });
      // What it started may hold on to stderr for as long as it likes.
      if (code !== 0 && sizeBytes === 0) await Promise.race([lastWarning, delay(LATE_WARNING_MS)]);
      resolve({ exitCode: code, output: Buffer.concat(chunks).toString('utf8'), warnings: warnings() });
    });
  });
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

function exitOf(child: Child): Promise<{ code: number | null; signalName: string | null }> {
  return new Promise((resolve) => child.once('exit', (code, signalName) => resolve({ code, signalName })));
}

function keepWarnings(stderr: Readable): () => string {
  let kept = Buffer.alloc(0);
  stderr.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk.subarray(0, MAX_WARNING_BYTES - kept.length)]);
  });
  return () => kept.toString('utf8');
}

function timeLimit(limitMs: number, stop: AbortSignal): Promise<HelperOutcome> {
  return new Promise((resolve) => {
    const problem = `it did not answer within ${limitMs / 1000} s`;
    const timer = setTimeout(() => resolve({ problem }), limitMs);
    stop.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function abortOf(signal: AbortSignal, stop: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    signal.addEventListener('abort', give, { once: true, signal: stop });
  });
}

/** Only a child that still runs: what a helper left running on purpose (a key agent) stays. */
function endGroup(child: Child): void {
  child.stdout.destroy();
  // Left open and drained: a key agent that it started would be ended by its next warning.
  if (child.stderr instanceof Socket) child.stderr.unref();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error;
  }
}
