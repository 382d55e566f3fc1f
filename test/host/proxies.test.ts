import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { peerOrSkip } from '../support/peers';
import { startProxy, type Proxy, type ProxyOptions } from '../support/proxy';
import { cellRepository, startConnectionCells, type ConnectionCells } from './support/connectionCells';
import { newFolder, pullByCommand, pushByCommand, workspaceFolder } from './support/flows';
import { proxySupportModes, resetHttpSettings, useHttpSettings } from './support/network';
import { useRegistries, type RegistryEntry } from './support/registries';

const login = 'proxy-user:proxy-password';

describe('proxies of the settings, in this VS Code', () => {
  let cells: ConnectionCells;
  let proxy: Proxy | undefined;
  const entry = (name: string): RegistryEntry => cells.entries[name] ?? { host: name };

  before(async function () {
    this.timeout(60_000);
    for (const name of ['docker-registry', 'openssl', 'tinyproxy'] as const) peerOrSkip(this, name);
    cells = await startConnectionCells();
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  afterEach(async () => {
    await resetHttpSettings();
    await proxy?.stop();
    proxy = undefined;
  });
  after(async () => {
    await cells?.stop();
    await useRegistries();
  });

  async function useProxy(options: ProxyOptions, settings: Readonly<Record<string, unknown>> = {}) {
    proxy = await startProxy(options);
    await useHttpSettings({ proxy: `http://${proxy.host}`, ...settings });
    return proxy;
  }

  /** Pulls the sample of a registry; resolves with the errors that were shown. */
  async function pullSample(registry: RegistryEntry): Promise<string> {
    await useRegistries(registry);
    const folder = await newFolder();
    const { errors } = await pullByCommand([registry.host, cellRepository, 'v1'], folder);
    if (errors.length > 0) return errors.join();
    assert.equal(await readFile(path.join(folder.fsPath, 'sample.txt'), 'utf8'), 'a sample');
    return '';
  }

  for (const proxySupport of proxySupportModes.filter((mode) => mode !== 'off')) {
    it(`are used with http.proxySupport ${proxySupport}: a tunnel for HTTPS, whole URLs for plain HTTP`, async () => {
      const { requests } = await useProxy({}, { proxySupport });
      const secure = entry('a CA file');
      assert.equal(await pullSample(secure), '');
      assert.ok(requests().includes(`CONNECT ${secure.host} HTTP/1.1`));
      const plain = entry('plain HTTP');
      assert.equal(await pullSample(plain), '');
      assert.ok(requests().includes(`GET http://${plain.host}/v2/${cellRepository}/manifests/v1 HTTP/1.1`));
    });
  }

  it('are left aside with http.proxySupport off', async () => {
    const { requests } = await useProxy({}, { proxySupport: 'off' });
    assert.equal(await pullSample(entry('a CA file')), '');
    assert.deepEqual(requests(), []);
  });

  it('are left aside for the hosts of http.noProxy', async () => {
    const { requests } = await useProxy({}, { noProxy: ['127.0.0.2'] });
    assert.equal(await pullSample(entry('a CA file')), '');
    assert.equal(await pullSample(entry('plain HTTP')), '');
    assert.deepEqual(requests(), []);
  });

  it('let a push through, both ways', async () => {
    const { requests } = await useProxy({});
    const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
    for (const registry of [entry('a client certificate'), entry('plain HTTP')]) {
      await useRegistries(registry);
      const { errors } = await pushByCommand([file], `${registry.host}/network/proxied:v1`);
      assert.deepEqual(errors, []);
    }
    const seen = requests();
    assert.ok(seen.some((line) => line.startsWith('CONNECT 127.0.0.2:')));
    assert.ok(seen.some((line) => /^PUT http:\/\/127\.0\.0\.2:/.test(line)));
  });

  it('tunnel to the address that stands in for a host, whose certificate is still checked', async () => {
    const { requests } = await useProxy({});
    const { resolve = '', ...named } = entry('another address');
    assert.equal(await pullSample({ ...named, resolve }), '');
    assert.ok(requests().includes(`CONNECT ${resolve} HTTP/1.1`));
    assert.match(
      await pullSample({ host: 'other.test', caFile: named.caFile ?? '', resolve }),
      /is for another name.*DNS:registry\.test/,
    );
  });

  it('that ask for a password (407) get it from the address of the proxy', async () => {
    const { host, requests } = await useProxy({ login });
    await useHttpSettings({ proxy: `http://${login}@${host}` });
    const [secure, plain] = [entry('a CA file'), entry('plain HTTP')];
    assert.equal(await pullSample(secure), '');
    assert.ok(requests().includes(`CONNECT ${secure.host} HTTP/1.1`));
    assert.equal(await pullSample(plain), '');
    assert.ok(requests().some((line) => line.startsWith(`GET http://${plain.host}/`)));
  });

  it('that ask for a password and get none, or a wrong one, are named, and no password is shown', async () => {
    const { host } = await useProxy({ login });
    const asks = /the proxy on the way asks for a user name and password.*\(PROXY_REFUSED\)/;
    assert.match(await pullSample(entry('a CA file')), asks);
    assert.match(await pullSample(entry('plain HTTP')), asks);
    await useHttpSettings({ proxy: `http://proxy-user:marked-wrong@${host}` });
    const message = await pullSample(entry('a CA file'));
    assert.match(message, /PROXY_REFUSED|401/);
    assert.ok(!message.includes('marked'));
  });

  it('that refuse a tunnel are named, and not taken for the registry', async () => {
    const { requests } = await useProxy({ connectPort: 443 });
    const { host, ...rest } = entry('a CA file');
    const message = await pullSample({ host, ...rest });
    assert.match(message, /Cannot reach .*: the proxy on the way refused with status 403 \(PROXY_REFUSED\)/);
    assert.ok(requests().includes(`CONNECT ${host} HTTP/1.1`));
  });

  it('show the certificate that was refused behind them', async () => {
    const { requests } = await useProxy({});
    const { host } = entry('a CA file');
    assert.match(
      await pullSample({ host }),
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE.*issued by "CN=Test authority"/,
    );
    assert.equal(requests().filter((line) => line === `CONNECT ${host} HTTP/1.1`).length, 2);
  });

  it('that are down are named by the failure', async () => {
    await useHttpSettings({ proxy: 'http://proxy-user:marked@127.0.0.1:9' });
    const message = await pullSample(entry('a CA file'));
    assert.match(message, /the proxy 127\.0\.0\.1:9 does not answer \(PROXY_UNREACHABLE\)/);
    assert.ok(!message.includes('marked'));
  });
});
