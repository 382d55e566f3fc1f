import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeAuthority } from './certificateAuthority';

/** PEM texts: an authority, and a server certificate that it signed. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const run = promisify(execFile);

/** Makes a certificate for 127.0.0.2, 127.0.0.1 and localhost, signed by an authority that nobody trusts yet. */
export async function makeCertificates(): Promise<Certificates> {
  const authority = await makeAuthority();
  try {
    return { ca: authority.ca, ...(await authority.issue()) };
  } finally {
    await authority.dispose();
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
