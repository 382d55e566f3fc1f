import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { openAuthority, makeAuthority, type KeyPair } from '../support/certificateAuthority';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { startProxy, type Proxy } from '../support/proxy';
import { newFolder, pullByCommand } from '../host/support/flows';
import { resetHttpSettings, useHttpSettings } from '../host/support/network';
import { useRegistries, type RegistryEntry } from '../host/support/registries';

// This VS Code was started with HTTPS_PROXY, HTTP_PROXY, NO_PROXY and SSL_CERT_FILE: see scripts/lib/companyNetwork.mjs.
describe('in an environment with a proxy and an authority of the company', () => {
  let proxy: Proxy;
  let company: { ca: string } & KeyPair;
  const registries: DockerRegistry[] = [];

  before(async function () {
    this.timeout(60_000);
    for (const name of ['docker-registry', 'openssl', 'tinyproxy'] as const) peerOrSkip(this, name);
    const { port, username, password } = new URL(process.env['HTTPS_PROXY'] ?? '');
    proxy = await startProxy({ port: Number(port), login: `${username}:${password}` });
    const authority = await openAuthority(process.env['OCI_COMPANY_AUTHORITY'] ?? '');
    const hosts = 'IP:127.0.0.2,IP:127.0.0.3';
    company = { ca: authority.ca, ...(await authority.issue({ hosts })) };
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  afterEach(async () => {
    await resetHttpSettings();
    await Promise.all(registries.splice(0).map((registry) => registry.stop()));
  });
  after(async () => {
    await proxy?.stop();
    await useRegistries();
  });

  async function start(options: Parameters<typeof startDockerRegistry>[0]): Promise<string> {
    const registry = await startDockerRegistry(options);
    registries.push(registry);
    return registry.host;
  }

  /** What a pull says of an artifact that is not there: a 404 is an answer of the registry itself. */
  async function pullNothing(entry: RegistryEntry): Promise<string> {
    await useRegistries(entry);
    return (await pullByCommand([entry.host, 'no/thing', 'v1'], await newFolder())).errors.join();
  }

  /** What the proxy saw of a host: the browser asks for hosts of its own. */
  const seenFor = (host: string) => proxy.requests().filter((line) => line.includes(host));

  it('goes through HTTPS_PROXY, with its password, to a registry whose authority the system trusts', async () => {
    const host = await start({ tls: company });
    assert.match(await pullNothing({ host }), /was not found/);
    assert.ok(proxy.requests().includes(`CONNECT ${host} HTTP/1.1`));
  });

  it('does not trust that authority without the system certificates, so these were it', async () => {
    const host = await start({ tls: company });
    await useHttpSettings({ systemCertificates: false });
    assert.match(await pullNothing({ host }), /UNABLE_TO_VERIFY_LEAF_SIGNATURE.*issued by "CN=Company"/);
  });

  it('trusts it beside a CA file too, with any http.proxySupport', async () => {
    const host = await start({ tls: company });
    const caFile = path.join((await newFolder()).fsPath, 'other.pem');
    const other = await makeAuthority('Other');
    await writeFile(caFile, other.ca);
    await other.dispose();
    for (const proxySupport of ['override', 'on', 'off', 'fallback']) {
      await useHttpSettings({ proxySupport });
      assert.match(await pullNothing({ host, caFile }), /was not found/, proxySupport);
      assert.match(await pullNothing({ host }), /was not found/, proxySupport);
    }
  });

  it('goes through HTTP_PROXY over plain HTTP', async () => {
    const host = await start({ address: '127.0.0.2' });
    assert.match(await pullNothing({ host, plainHttp: true }), /was not found/);
    assert.ok(proxy.requests().some((line) => line.startsWith(`GET http://${host}/v2/`)));
  });

  it('goes straight to the hosts of NO_PROXY', async () => {
    const host = await start({ tls: company, address: '127.0.0.3' });
    assert.match(await pullNothing({ host }), /was not found/);
    assert.deepEqual(seenFor(host), []);
  });

  it('takes http.noProxy in place of NO_PROXY', async () => {
    await useHttpSettings({ noProxy: ['127.0.0.2'] });
    const listed = await start({ tls: company });
    assert.match(await pullNothing({ host: listed }), /was not found/);
    assert.deepEqual(seenFor(listed), []);
    const unlisted = await start({ tls: company, address: '127.0.0.3' });
    assert.match(await pullNothing({ host: unlisted }), /was not found/);
    assert.ok(proxy.requests().includes(`CONNECT ${unlisted} HTTP/1.1`));
  });

  it('takes http.proxy in place of HTTPS_PROXY', async () => {
    const own = await startProxy();
    try {
      const host = await start({ tls: company });
      await useHttpSettings({ proxy: `http://${own.host}` });
      assert.match(await pullNothing({ host }), /was not found/);
      assert.ok(own.requests().includes(`CONNECT ${host} HTTP/1.1`));
      assert.deepEqual(seenFor(host), []);
    } finally {
      await own.stop();
    }
  });
});
