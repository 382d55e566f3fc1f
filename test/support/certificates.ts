import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** PEM texts: an authority, and a server certificate that it signed. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const ADDRESSES = 'subjectAltName=IP:127.0.0.2,IP:127.0.0.1,DNS:localhost';
const run = promisify(execFile);

/** Makes a certificate for 127.0.0.2, 127.0.0.1 and localhost, signed by an authority that nobody trusts yet. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-certificates-'));
  const openssl = (...options: string[]) => run('openssl', options, { cwd: folder });
  const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    await writeFile(path.join(folder, 'server.ext'), ADDRESSES);
    await openssl(
      'req',
      '-x509',
      ...ecKey,
      '-days',
      '7',
      '-subj',
      '/CN=Test authority',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    await openssl(
      'req',
      ...ecKey,
      '-subj',
      '/CN=Test registry',
      '-keyout',
      'server.key',
      '-out',
      'server.csr',
    );
    await openssl(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '7',
      '-extfile',
      'server.ext',
      '-out',
      'server.pem',
    );
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    return { ca: await read('ca.pem'), cert: await read('server.pem'), key: await read('server.key') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A self-signed RSA certificate with its key, as PEM, for signing tokens. */
export async function makeSigningCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'oci-signing-'));
  try {
    const options = ['-newkey', 'rsa:2048', '-nodes', '-days', '7', '-subj', '/CN=Test token issuer'];
    await run('openssl', ['req', '-x509', ...options, '-keyout', 'key.pem', '-out', 'cert.pem'], {
      cwd: folder,
    });
    const read = (name: string) => readFile(path.join(folder, name), 'utf8');
    return { cert: await read('cert.pem'), key: await read('key.pem') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
