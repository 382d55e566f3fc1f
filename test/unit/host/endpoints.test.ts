import assert from 'node:assert/strict';
import { rm, utimes, writeFile } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Endpoints } from '../../../src/host/endpoints';
import type { RegistrySettings } from '../../../src/host/settings';
import { FileError, InvalidContentError } from '../../../src/oci/errors';
import { encryptKey, makeAuthority, type KeyPair } from '../../support/certificateAuthority';

const host = 'registry.test';

describe('The endpoint of a registry', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'oci-endpoints-'));
  const at = (name: string) => path.join(folder, name);
  let ca: string;
  let client: KeyPair;
  let other: KeyPair;

  before(async () => {
    const authority = await makeAuthority();
    ca = authority.ca;
    client = await authority.issue();
    other = await authority.issue();
    await authority.dispose();
    await writeFile(at('ca.pem'), ca);
    await writeFile(at('client.pem'), client.cert);
    await writeFile(at('client.key'), client.key);
    await writeFile(at('both.pem'), client.cert + client.key);
    await writeFile(at('other.key'), other.key);
    await writeFile(at('secret.key'), await encryptKey(client.key));
    await writeFile(at('nothing.pem'), 'nothing');
  });
  after(() => rm(folder, { recursive: true }));

  const endpointOf = (entry: Partial<RegistrySettings>, caFile?: string) =>
    new Endpoints().endpointOf({ host, ...entry }, caFile);
  const isFileError = (name: string, code: string) => (error: unknown) =>
    error instanceof FileError && error.path === at(name) && error.systemCode === code;

  it('is HTTPS, and plain HTTP for localhost alone', async () => {
    assert.deepEqual(await endpointOf({}), { host, plainHttp: false, insecure: false });
    assert.equal((await endpointOf({ host: 'localhost:5000' })).plainHttp, true);
    assert.equal((await endpointOf({ host: 'localhost:5000', plainHttp: false })).plainHttp, false);
  });

  it('has the authorities of the registry and those of all', async () => {
    assert.equal((await endpointOf({ caFile: at('ca.pem') })).ca, ca);
    assert.equal((await endpointOf({ caFile: at('ca.pem') }, at('client.pem'))).ca, `${ca}\n${client.cert}`);
  });

  it('has a client certificate, with its key in another file or in the same', async () => {
    const clientCert = at('client.pem');
    assert.deepEqual(
      (await endpointOf({ clientCert, clientKey: at('client.key') })).clientCertificate,
      client,
    );
    const both = client.cert + client.key;
    const { clientCertificate } = await endpointOf({ clientCert: at('both.pem') });
    assert.deepEqual(clientCertificate, { cert: both, key: both });
  });

  it('is the same object until the settings or a file change', async () => {
    const endpoints = new Endpoints();
    const entry = { host, caFile: at('ca.pem') };
    const first = await endpoints.endpointOf(entry);
    assert.equal(await endpoints.endpointOf({ ...entry }), first);
    assert.notEqual(await endpoints.endpointOf({ ...entry, insecure: true }), first);
    const second = await endpoints.endpointOf(entry);
    await writeFile(at('ca.pem'), `${ca}${other.cert}`);
    await utimes(at('ca.pem'), new Date(), new Date());
    assert.equal((await endpoints.endpointOf(entry)).ca, `${ca}${other.cert}`);
    assert.notEqual(await endpoints.endpointOf(entry), second);
    await writeFile(at('ca.pem'), ca);
  });

  it('names a file that is missing, holds nothing, is encrypted, or does not fit', async () => {
    const clientCert = at('client.pem');
    await assert.rejects(endpointOf({ caFile: at('gone.pem') }), isFileError('gone.pem', 'ENOENT'));
    await assert.rejects(endpointOf({}, at('nothing.pem')), isFileError('nothing.pem', 'NOT_PEM'));
    await assert.rejects(endpointOf({ clientCert: at('gone.pem') }), isFileError('gone.pem', 'ENOENT'));
    await assert.rejects(endpointOf({ clientCert }), isFileError('client.pem', 'NOT_PEM'));
    await assert.rejects(
      endpointOf({ clientCert, clientKey: at('secret.key') }),
      isFileError('secret.key', 'ENCRYPTED'),
    );
    await assert.rejects(
      endpointOf({ clientCert, clientKey: at('other.key') }),
      isFileError('other.key', 'KEY_MISMATCH'),
    );
  });

  it('refuses headers that sign in or frame a request, and never shows a value', async () => {
    for (const name of [
      'Authorization',
      'cookie',
      'HOST',
      'Content-Length',
      'Transfer-Encoding',
      'accept',
      'a b',
    ]) {
      await assert.rejects(endpointOf({ headers: { [name]: 'marked' } }), (error) => {
        assert.ok(error instanceof InvalidContentError);
        assert.match(error.message, /"headers" of registry\.test in ociArtifacts\.registries/);
        return !error.message.includes('marked');
      });
    }
    const headers = { 'X-Gateway': 'value' };
    assert.deepEqual((await endpointOf({ headers })).headers, headers);
    await assert.rejects(endpointOf({ headers: { 'X-A': 'a\r\nB: c' } }), InvalidContentError);
  });

  it('resolves to an IP address, with a port or without', async () => {
    const resolved = async (resolve: string) => (await endpointOf({ resolve })).resolve;
    assert.deepEqual(await resolved('10.0.0.1'), { address: '10.0.0.1' });
    assert.deepEqual(await resolved('10.0.0.1:5000'), { address: '10.0.0.1', port: 5000 });
    assert.deepEqual(await resolved('[fd00::1]:5000'), { address: 'fd00::1', port: 5000 });
    assert.deepEqual(await resolved('fd00::1'), { address: 'fd00::1' });
    for (const wrong of ['host', '10.0.0.1:', '10.0.0.1:0', '10.0.0.1:70000', '10.0.0', 'a:b:c'])
      await assert.rejects(resolved(wrong), InvalidContentError, wrong);
  });
});
