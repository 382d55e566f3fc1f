// The VS Code server process of one run.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { vscodeServer } from '../lib/setupVscode.mjs';

const listening = /Extension host agent listening on (\d+)/;
const hostDeath = /Extension Host Process exited with code: \S+, signal: \w+/;
const killAfterMs = 5000;

/**
 * Starts the server and resolves once it listens, with `port`, `exited` (a promise), `lastHostDeath()` and `stop()`.
 * @param hostEnv is seen by the extension host.
 */
export async function startServer(folders, { port = 0, hostEnv = {} }) {
  const child = spawn(vscodeServer.node, serverArguments(folders, port), {
    env: serverEnvironment(folders, hostEnv),
    cwd: folders.workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that all of it can be ended
  });
  const exited = once(child, 'exit').then(([code, signal]) => `the server ended with ${signal ?? code}`);
  const log = watchLog(child, path.join(folders.root, 'server.log'));
  const stop = () => stopGroup(child, exited);
  const failed = exited.then((why) => Promise.reject(new Error(`${why}\n${log.tail()}`)));
  failed.catch(() => {}); // told by `exited` once the server is up
  try {
    return { port: await Promise.race([log.port, failed]), exited, lastHostDeath: log.lastHostDeath, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const serverArguments = (folders, port) => [
  vscodeServer.server,
  ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
  ...['--accept-server-license-terms', '--disable-telemetry', '--disable-workspace-trust'],
  '--disable-getting-started-override',
  // It ends by itself some minutes after a driver that was killed outright. The variant without delay would end it
  // after a test run too, before the exit code is out.
  ...['--enable-remote-auto-shutdown', '--reconnection-grace-time', '30'],
  ...['--server-data-dir', folders.server, '--user-data-dir', folders.user],
  ...['--extensions-dir', folders.extensions],
];

/** Ours without what another VS Code around us may have set. */
function serverEnvironment(folders, hostEnv) {
  const foreign = /^(VSCODE_|NODE_OPTIONS$|ELECTRON_RUN_AS_NODE$)/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const places = { TMPDIR: folders.tmp, XDG_RUNTIME_DIR: folders.tmp, EXTENSIONS_GALLERY: '{}' };
  return { ...Object.fromEntries(own), ...places, ...hostEnv };
}

function watchLog(child, file) {
  const log = createWriteStream(file);
  let tail = '';
  let death;
  const port = new Promise((resolve) => {
    const read = (bytes) => {
      log.write(bytes);
      tail = (tail + bytes).slice(-4000);
      death = hostDeath.exec(String(bytes))?.[0] ?? death;
      const found = listening.exec(tail);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  return { port, tail: () => tail, lastHostDeath: () => death };
}

async function stopGroup(child, exited) {
  if (child.pid === undefined) return;
  signalGroup(child.pid, 'SIGTERM');
  const hard = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), killAfterMs);
  await exited.catch(() => {});
  clearTimeout(hard);
  signalGroup(child.pid, 'SIGKILL'); // terminals and hosts that outlived the server
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // all of it is gone
  }
}
