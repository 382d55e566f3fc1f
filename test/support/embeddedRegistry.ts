import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startLocalRegistry, type LocalRegistryOptions } from '../../src/localRegistry/localRegistry';
import { projectRoot } from './projectRoot';

/** A registry of ours on a folder of its own. */
export interface EmbeddedRegistry {
  /** `127.0.0.1:port`, as it stands in references. */
  readonly host: string;
  /** The folder of the repositories. */
  readonly root: string;
  stop(): Promise<void>;
}

/** Starts the embedded registry inside this process on any free port; `stop` removes its folder. */
export async function startEmbeddedRegistry(
  options: Partial<LocalRegistryOptions> = {},
): Promise<EmbeddedRegistry> {
  const root = await mkdtemp(path.join(tmpdir(), 'oci-registry-'));
  const registry = await startLocalRegistry({ root, port: 0, ...options });
  return {
    host: `${registry.host}:${registry.port}`,
    root,
    stop: async () => {
      await registry.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** The embedded registry as a process of its own. */
export interface RegistryProcess {
  readonly host: string;
  readonly process: ChildProcess;
  /** Ends it as a crash would, with nothing tidied up. */
  kill(): Promise<void>;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts the built program (out/bin/localRegistry.js) on a folder, as the extension does; `execArgv` are options of Node. */
export async function forkRegistry(root: string, execArgv: readonly string[] = []): Promise<RegistryProcess> {
  const program = path.join(projectRoot(), 'out/bin/localRegistry.js');
  const child = fork(program, ['--root', root, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...execArgv],
  });
  const [place] = (await once(child, 'message')) as [{ host: string; port: number }];
  const end = async (signal: NodeJS.Signals) => {
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await ended)[0];
  };
  return {
    host: `${place.host}:${place.port}`,
    process: child,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}
