// Child processes that run beside us, all ended by their own id when we end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const killAfterMs = 5000;

/** The children of this run. */
export class Children {
  #running = new Set();

  /** Starts a program; resolves nothing, gives the child. `options` as for `spawn`. */
  start(program, args, options) {
    const child = spawn(program, args, { stdio: 'inherit', ...options });
    this.#running.add(child);
    const gone = () => this.#running.delete(child);
    child.once('exit', gone);
    child.once('error', gone);
    return child;
  }

  /** Ends them all, softly first. */
  async endAll() {
    await Promise.all([...this.#running].map(end));
  }
}

async function end(child) {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  await exited;
  clearTimeout(hard);
}
