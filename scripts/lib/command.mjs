// Running another program to its end, with its output kept back unless it fails.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/** A program that ended with another status than 0; `output` is all it printed. */
export class CommandFailed extends Error {
  constructor(line, status, output) {
    super(`${line} ended with ${status}\n${output.trim()}`);
    this.status = status;
    this.output = output;
  }
}

/**
 * Runs a program and resolves with what it printed.
 * @param options `cwd`, `env` (added to ours), `show` (print its output as it comes), `timeoutMs`.
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
      if (options.show) process.stdout.write(text);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new CommandFailed([program, ...args].join(' '), signal ?? code, output));
    });
  });
}

/** Runs a JavaScript program with our own Node. */
export const runNode = (args, options) => run(process.execPath, args, options);

/** Runs npm: the one that started us when there is one. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli && /\.[cm]?js$/.test(cli)) return runNode([cli, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** The full path of the first of these programs that is there, or undefined. An absolute path is looked at as it is. */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  const candidates = names.flatMap((name) =>
    path.isAbsolute(name)
      ? [name]
      : folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending))),
  );
  return candidates.find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
