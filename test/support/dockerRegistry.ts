import { hash } from 'bcryptjs';
import { execFile } from 'node:child_process';
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Certificates } from './certificates';
import { startObjectStore, type ObjectStore } from './objectStore';
import { peer } from './peers';
import { startServerProgram, type RunningServer } from './serverProgram';
import { testAccount } from './testAccount';
import type { TokenAuthority } from './tokenIssuer';

/** How a docker-registry is set up. Nothing given: open, plain HTTP on 127.0.0.1, deleting refused. */
export interface DockerRegistryOptions {
  readonly auth?: 'htpasswd' | TokenAuthority;
  /** Serves TLS, on 127.0.0.2. */
  readonly tls?: Certificates;
  /** PEM of the authority whose client certificates it demands (mTLS). */
  readonly clientAuthority?: string;
  /** Where it listens; by default 127.0.0.1, and 127.0.0.2 with TLS. */
  readonly address?: string;
  readonly deleteEnabled?: boolean;
  /** Keeps content there in place of a folder, and sends readers there. */
  readonly objectStore?: ObjectStore;
  /** The most entries of a page of its catalog; a request for more is refused. */
  readonly maxEntries?: number;
  /** Remembers in memory which blobs there are, as its usual configuration has it. */
  readonly blobCache?: boolean;
  /** Lines of the htpasswd file beside the one of the test account. */
  readonly htpasswdLines?: readonly string[];
}

/** Its storage is below `folder`. */
export interface DockerRegistry extends RunningServer {
  /** Makes another password the only one of the test account; the registry reads the change by itself. */
  setPassword(password: string): Promise<void>;
  /** Removes what no manifest under a tag names, while the registry runs and remembers it. */
  collectGarbage(): Promise<void>;
}

const BCRYPT_ROUNDS = 4;

/** Starts Debian's docker-registry (distribution 2.8) on a free port with storage of its own, and waits until it listens. */
export function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  return start(peer('docker-registry'), options);
}

/** The same with distribution 3. */
export function startDistribution(options: DockerRegistryOptions = {}): Promise<DockerRegistry> {
  return start(peer('distribution'), options);
}

/** Distribution 3 that keeps its content in an object store of its own. */
export async function startDistributionOnStore(
  options: DockerRegistryOptions = {},
): Promise<DockerRegistry & { readonly store: ObjectStore }> {
  const store = await startObjectStore();
  try {
    const registry = await startDistribution({ ...options, objectStore: store });
    const stop = async () => {
      await registry.stop();
      await store.stop();
    };
    return { ...registry, store, stop };
  } catch (error) {
    await store.stop();
    throw error;
  }
}

async function start(program: string, options: DockerRegistryOptions): Promise<DockerRegistry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-docker-registry-'));
  const config = path.join(folder, 'config.yml');
  await writeFiles(folder, options);
  await writeFile(config, configuration(folder, options));
  const server = await startServerProgram({ program, args: ['serve', config], folder });
  return {
    ...server,
    setPassword: (password) => writeHtpasswd(folder, password),
    collectGarbage: async () => void (await promisify(execFile)(program, ['garbage-collect', '-m', config])),
  };
}

async function writeFiles(folder: string, options: DockerRegistryOptions): Promise<void> {
  const { auth, tls, clientAuthority, htpasswdLines = [] } = options;
  if (clientAuthority) await writeFile(path.join(folder, 'clients.pem'), clientAuthority);
  const lines = [testAccount.htpasswdLine, ...htpasswdLines];
  await writeFile(path.join(folder, 'htpasswd'), `${lines.join('\n')}\n`);
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
function configuration(folder: string, options: DockerRegistryOptions): string {
  const {
    auth,
    tls,
    clientAuthority,
    deleteEnabled = false,
    blobCache = false,
    maxEntries,
    objectStore,
  } = options;
  const { address = tls ? '127.0.0.2' : '127.0.0.1' } = options;
  const at = (name: string) => path.join(folder, name);
  const clients = clientAuthority && { clientcas: [at('clients.pem')] };
  return JSON.stringify({
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      ...(objectStore ? bucketOf(objectStore) : { filesystem: { rootdirectory: at('storage') } }),
      delete: { enabled: deleteEnabled },
      ...(blobCache && { cache: { blobdescriptor: 'inmemory' } }),
    },
    ...(maxEntries !== undefined && { catalog: { maxentries: maxEntries } }),
    http: {
      addr: `${address}:0`,
      secret: 'a secret of this test',
      ...(tls && { tls: { certificate: at('server.pem'), key: at('server.key'), ...clients } }),
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

/** Source: distribution, "S3 storage driver". */
function bucketOf({ url, bucket, accessKey, secretKey, region }: ObjectStore): object {
  return {
    s3: {
      bucket,
      region,
      accesskey: accessKey,
      secretkey: secretKey,
      regionendpoint: url,
      forcepathstyle: true,
      secure: false,
    },
    redirect: { disable: false },
  };
}
