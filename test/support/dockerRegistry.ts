import { hash } from 'bcryptjs';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Certificates } from './certificates';
import { peer } from './peers';
import { testAccount } from './testAccount';
import type { TokenAuthority } from './tokenIssuer';

/** How a docker-registry is set up. Nothing given: open, plain HTTP on 127.0.0.1, deleting refused. */
export interface DockerRegistryOptions {
  readonly auth?: 'htpasswd' | TokenAuthority;
  /** Serves TLS, on 127.0.0.2. */
  readonly tls?: Certificates;
  readonly deleteEnabled?: boolean;
}

export interface DockerRegistry {
  /** `address:port` */
  readonly host: string;
  /** Its storage folder. */
  readonly folder: string;
  /** Makes another password the only one of the test account; the registry reads the change by itself. */
  setPassword(password: string): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const BCRYPT_ROUNDS = 4;

/** Starts Debian's docker-registry on a free port with storage of its own, and waits until it listens. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  const program = peer('docker-registry');
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-docker-registry-'));
  const config = path.join(folder, 'config.yml');
  await writeFiles(folder, options);
  await writeFile(config, configuration(folder, options));
  const child = spawn(program, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = () => stopAndRemove(child, folder);
  try {
    const setPassword = (password: string) => writeHtpasswd(folder, password);
    return { host: await listeningAddress(child), folder, setPassword, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeFiles(folder: string, { auth, tls }: DockerRegistryOptions): Promise<void> {
  await writeFile(path.join(folder, 'htpasswd'), `${testAccount.htpasswdLine}\n`);
  if (typeof auth === 'object') await writeFile(path.join(folder, 'issuer.pem'), auth.certificate);
  if (!tls) return;
  await writeFile(path.join(folder, 'server.pem'), tls.cert);
  await writeFile(path.join(folder, 'server.key'), tls.key, { mode: 0o600 });
}

async function writeHtpasswd(folder: string, password: string): Promise<void> {
  const file = path.join(folder, 'htpasswd');
  await writeFile(`${file}.new`, `${testAccount.username}:${await hash(password, BCRYPT_ROUNDS)}\n`);
  await rename(`${file}.new`, file);
}

/** JSON, which is YAML too. */
function configuration(folder: string, { auth, tls, deleteEnabled = false }: DockerRegistryOptions): string {
  const at = (name: string) => path.join(folder, name);
  return JSON.stringify({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: at('storage') }, delete: { enabled: deleteEnabled } },
    http: {
      addr: `${tls ? '127.0.0.2' : '127.0.0.1'}:0`,
      secret: 'a secret of this test',
      ...(tls && { tls: { certificate: at('server.pem'), key: at('server.key') } }),
    },
    ...(auth === 'htpasswd' && { auth: { htpasswd: { realm: 'test registry', path: at('htpasswd') } } }),
    ...(typeof auth === 'object' && {
      auth: {
        token: {
          realm: auth.realm,
          service: auth.service,
          issuer: auth.issuer,
          rootcertbundle: at('issuer.pem'),
        },
      },
    }),
  });
}

function listeningAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const fail = (reason: string) => reject(new Error(`docker-registry ${reason}:\n${said.join('\n')}`));
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    if (!child.stderr) return fail('has no output');
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 50) said.push(line);
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
