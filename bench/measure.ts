import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const TIME_PROGRAM = '/usr/bin/time';
const POLL_MS = 20;
const CLOCK_TICKS_PER_SECOND = 100;

/** One program to run to its end. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What a run cost. CPU seconds are user and system time together. */
export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** Runs a command to its end. Errors: Error with its output when it does not exit with 0. */
export async function measure(command: Command, scratchFolder: string): Promise<Cost> {
  const timeFile = path.join(scratchFolder, 'time.txt');
  return existsSync(TIME_PROGRAM) ? measureByTime(command, timeFile) : measureByProc(command);
}

async function measureByTime(command: Command, timeFile: string): Promise<Cost> {
  const args = ['-q', '-o', timeFile, '-f', '%U %S %M', '--', command.program, ...command.args];
  const { wallSeconds } = await runTimed({ ...command, program: TIME_PROGRAM, args });
  const [user = 0, system = 0, peakKib = 0] = (await readFile(timeFile, 'utf8')).split(' ').map(Number);
  return { wallSeconds, cpuSeconds: user + system, peakRssBytes: peakKib * 1024 };
}

/** Without `time`: what /proc last said of the process; the final milliseconds are missed. */
async function measureByProc(command: Command): Promise<Cost> {
  let last = { cpuSeconds: 0, peakRssBytes: 0 };
  const { wallSeconds } = await runTimed(command, ({ pid }) => {
    const timer = setInterval(() => (last = readProc(pid) ?? last), POLL_MS);
    return () => clearInterval(timer);
  });
  return { wallSeconds, ...last };
}

async function runTimed(
  command: Command,
  watch: (child: ChildProcess) => () => void = () => () => undefined,
): Promise<{ wallSeconds: number }> {
  const { program, args, cwd, env } = command;
  const start = process.hrtime.bigint();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const unwatch = watch(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-4000)));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const wallSeconds = Number(process.hrtime.bigint() - start) / 1e9;
  unwatch();
  if (code !== 0) throw new Error(`${program} ${args.slice(0, 8).join(' ')} ended with ${code}:\n${output}`);
  return { wallSeconds };
}

function readProc(pid: number | undefined): { cpuSeconds: number; peakRssBytes: number } | undefined {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    // The fields behind the command's name; user and system time are numbers 14 and 15 of all.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / CLOCK_TICKS_PER_SECOND, peakRssBytes: Number(peak?.[1] ?? 0) * 1024 };
  } catch {
    return undefined;
  }
}
