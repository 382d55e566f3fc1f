// What a computer in a company's network has in its environment: a proxy with a password, and an authority of its own.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { run } from './command.mjs';
import { freePort } from './freePort.mjs';

/**
 * Makes an authority in a folder below `home` and names it, with a proxy that the suite starts itself, in variables for
 * VS Code's server. Node counts SSL_CERT_FILE among the certificates of the system.
 */
export async function makeCompanyNetwork(home) {
  const authority = path.join(home, 'authority');
  mkdirSync(authority);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key'];
  await run('openssl', ['req', '-x509', ...key, '-days', '7', '-subj', '/CN=Company', '-out', 'ca.pem'], {
    cwd: authority,
  });
  const proxy = `http://proxy-user:proxy-password@127.0.0.1:${await freePort(20_000)}`;
  return {
    SSL_CERT_FILE: path.join(authority, 'ca.pem'),
    OCI_COMPANY_AUTHORITY: authority,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    NO_PROXY: 'localhost,127.0.0.1,127.0.0.3',
  };
}
