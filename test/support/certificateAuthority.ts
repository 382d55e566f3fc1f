import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A certificate with its key, as PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is to be. Dates as `YYYYMMDD`; by default it is valid now, for a server on loopback. */
export interface CertificateWish {
  readonly name?: string;
  /** As openssl writes it, e.g. `DNS:registry.test,IP:127.0.0.2`. */
  readonly hosts?: string;
  readonly from?: string;
  readonly to?: string;
}

/** An authority of openssl's that nobody trusts yet. */
export interface CertificateAuthority {
  /** Its own certificate, PEM. */
  readonly ca: string;
  issue(wish?: CertificateWish): Promise<KeyPair>;
  /** Removes its files. */
  dispose(): Promise<void>;
}

const LOOPBACK = 'IP:127.0.0.2,IP:127.0.0.1,DNS:localhost';
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const CONFIG = `
[ca]
default_ca = authority
[authority]
new_certs_dir = .
database = index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = policy
[policy]
commonName = supplied
`;
const run = promisify(execFile);

/** Makes an authority; it signs server and client certificates alike. */
export async function makeAuthority(name = 'Test authority'): Promise<CertificateAuthority> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-authority-'));
  const own = ['-days', '7', '-subj', `/CN=${name}`, '-keyout', 'ca.key', '-out', 'ca.pem'];
  await run('openssl', ['req', '-x509', ...EC_KEY, ...own], { cwd: folder });
  return openAuthority(folder);
}

/** The authority whose certificate and key, `ca.pem` and `ca.key`, are in a folder. */
export async function openAuthority(folder: string): Promise<CertificateAuthority> {
  const openssl = (...options: string[]) => run('openssl', options, { cwd: folder });
  const read = (file: string) => readFile(path.join(folder, file), 'utf8');
  await writeFile(path.join(folder, 'ca.cnf'), CONFIG);
  await writeFile(path.join(folder, 'index.txt'), '');
  let issued = 0;
  const issue = async ({
    name: subject = 'Test registry',
    hosts = LOOPBACK,
    from,
    to,
  }: CertificateWish = {}) => {
    const file = `issued${issued++}`;
    await writeFile(path.join(folder, `${file}.ext`), `subjectAltName=${hosts}`);
    await openssl(
      'req',
      ...EC_KEY,
      '-subj',
      `/CN=${subject}`,
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.csr`,
    );
    const span = [...dateOption('-startdate', from), ...(to ? dateOption('-enddate', to) : ['-days', '7'])];
    const sign = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-extfile', `${file}.ext`];
    const files = ['-in', `${file}.csr`, '-out', `${file}.pem`];
    await openssl('ca', '-batch', '-notext', ...sign, ...span, ...files);
    return { cert: await read(`${file}.pem`), key: await read(`${file}.key`) };
  };
  return { ca: await read('ca.pem'), issue, dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** A certificate that signed itself. */
export async function makeSelfSigned({
  name = 'Test registry',
  hosts = LOOPBACK,
}: CertificateWish = {}): Promise<KeyPair> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-self-signed-'));
  try {
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts}`];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
    await run('openssl', ['req', '-x509', ...EC_KEY, '-days', '7', ...names, ...files], { cwd: folder });
    const read = (file: string) => readFile(path.join(folder, file), 'utf8');
    return { cert: await read('cert.pem'), key: await read('key.pem') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The key again, encrypted with a passphrase. */
export async function encryptKey(key: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-key-'));
  try {
    await writeFile(path.join(folder, 'key.pem'), key);
    const options = ['pkey', '-in', 'key.pem', '-aes256', '-passout', 'pass:a passphrase'];
    return (await run('openssl', options, { cwd: folder })).stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function dateOption(option: string, day: string | undefined): string[] {
  return day === undefined ? [] : [option, `${day}000000Z`];
}
