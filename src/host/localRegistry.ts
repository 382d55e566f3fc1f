import { fork, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { NetworkError } from '../oci/errors';

/** Where the local registry runs and where its content lies. */
export interface LocalRegistryOptions {
  /** The bundled program. */
  readonly program: string;
  readonly onOutput: (line: string) => void;
  readonly onChange: () => void;
}

const START_TIMEOUT_MS = 10_000;

/** The embedded registry as a child process, so that its work never blocks the editor. It ends with the window. */
export class LocalRegistry {
  private child: ChildProcess | undefined;
  private address: string | undefined;
  private root: string | undefined;

  constructor(private readonly options: LocalRegistryOptions) {}

  /** `127.0.0.1:port` while it runs. */
  get host(): string | undefined {
    return this.address;
  }

  /** Where its content lies while it runs. */
  get folder(): string | undefined {
    return this.root;
  }

  /**
   * Starts it on `port` or the next free one, unless it runs; returns its host. It answers under `hostNames` too.
   * Errors: NetworkError.
   */
  async start(root: string, port: number, hostNames: readonly string[] = []): Promise<string> {
    if (this.address) return this.address;
    await mkdir(root, { recursive: true });
    const names = hostNames.map((name) => `--host-name=${name}`);
    const child = fork(this.options.program, ['--root', root, '--port', String(port), ...names], {
      silent: true,
      execArgv: [],
    });
    this.child = child;
    this.root = root;
    child.stderr?.on('data', (chunk: Buffer) => this.options.onOutput(chunk.toString().trimEnd()));
    child.once('exit', () => this.ended(child));
    this.address = await started(child);
    this.options.onChange();
    return this.address;
  }

  async stop(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await exited;
  }

  dispose(): void {
    this.child?.kill('SIGTERM');
  }

  private ended(child: ChildProcess): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.address = undefined;
    this.root = undefined;
    this.options.onChange();
  }
}

function started(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      child.kill('SIGTERM');
      reject(new NetworkError('the local registry', 'NOT_STARTED', reason));
    };
    const timer = setTimeout(() => fail('it did not answer in time'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with code ${code ?? 'none'}`));
    child.once('message', (message) => {
      clearTimeout(timer);
      const { host, port } = message as { host: string; port: number };
      resolve(host.includes(':') ? host : `${host}:${port}`);
    });
  });
}
