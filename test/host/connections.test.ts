import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/host/commandIds';
import {
  makeAuthority,
  makeSelfSigned,
  type CertificateAuthority,
  type KeyPair,
} from '../support/certificateAuthority';
import { peerOrSkip } from '../support/peers';
import { cellRepository, startConnectionCells, type ConnectionCells } from './support/connectionCells';
import { answering } from './support/dialogs';
import { newFolder, pullByCommand, pushByCommand, row, workspaceFolder } from './support/flows';
import { proxySupportModes, resetHttpSettings, useHttpSettings } from './support/network';
import { expandRow, openSidebar, seeRow } from './support/sidebar';
import { useMachine, useRegistries } from './support/registries';

const cellNames = [
  'a CA file',
  'a client certificate',
  'verification skipped',
  'plain HTTP',
  'extra headers',
  'another address',
];

describe('connections off localhost, in this VS Code', () => {
  let cells: ConnectionCells;

  before(async function () {
    this.timeout(60_000);
    peerOrSkip(this, 'docker-registry');
    peerOrSkip(this, 'openssl');
    cells = await startConnectionCells();
    await vscode.extensions.getExtension('oci-artifacts.oci-artifacts')?.activate();
  });
  after(async () => {
    await cells?.stop();
    await resetHttpSettings();
    await useRegistries();
  });

  const entryOf = (name: string) => {
    const entry = cells.entries[name];
    assert.ok(entry, name);
    return entry;
  };

  /** Pulls the sample; resolves with the errors that were shown. */
  async function pullSample(host: string): Promise<string> {
    const folder = await newFolder();
    const { errors } = await pullByCommand([host, cellRepository, 'v1'], folder);
    if (errors.length > 0) return errors.join();
    assert.equal(await readFile(path.join(folder.fsPath, 'sample.txt'), 'utf8'), 'a sample');
    return '';
  }

  for (const proxySupport of proxySupportModes) {
    describe(`with http.proxySupport ${proxySupport}`, () => {
      before(() => useHttpSettings({ proxySupport }));

      for (const name of cellNames) {
        it(`pulls by ${name}, and not without`, async () => {
          const entry = entryOf(name);
          await useRegistries({ host: entry.host });
          assert.match(await pullSample(entry.host), /Cannot reach|denied/);
          await useRegistries(entry);
          assert.equal(await pullSample(entry.host), '');
        });
      }

      it('uses connections again', async () => {
        const { host: resolve, ...entry } = entryOf('extra headers');
        const host = 'registry.test:5001';
        await useRegistries({ ...entry, host, resolve });
        const [requests, connections] = [cells.gateway.seen.length, cells.gateway.connections()];
        assert.equal(await pullSample(host), '');
        assert.equal(await pullSample(host), '');
        const opened = cells.gateway.connections() - connections;
        assert.ok(opened <= 2 && cells.gateway.seen.length - requests >= 4, `${opened} connections`);
      });
    });
  }

  it('pushes with a client certificate and headers too', async () => {
    await resetHttpSettings();
    for (const name of ['a client certificate', 'extra headers']) {
      const entry = entryOf(name);
      await useRegistries(entry);
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      const { errors, information } = await pushByCommand([file], `${entry.host}/network/pushed:v1`);
      assert.deepEqual(errors, []);
      assert.match(information.join(), /^Pushed /);
    }
  });

  it('takes a client certificate and key by the command, and then reaches the registry', async () => {
    const { host, caFile = '', clientCert = '', clientKey = '' } = entryOf('a client certificate');
    await useRegistries({ host, caFile });
    const { errors } = await answering(
      { opens: [[vscode.Uri.file(clientCert)], [vscode.Uri.file(clientKey)]] },
      async () => vscode.commands.executeCommand(commandIds.chooseClientCertificate, row(host)),
    );
    assert.deepEqual(errors, []);
    assert.equal(await pullSample(host), '');
    await useMachine();
  });

  it('asks for a client certificate where the registry demands one', async () => {
    const { host, caFile = '' } = entryOf('a client certificate');
    await useRegistries({ host, caFile });
    assert.match(await pullSample(host), /client certificate|CERTIFICATE_REQUIRED|BAD_CERTIFICATE/);
  });

  it('names the file that cannot be read', async () => {
    const { host } = entryOf('a CA file');
    await useRegistries({ host, caFile: '/nowhere/ca.pem' });
    assert.match(await pullSample(host), /"\/nowhere\/ca\.pem": the CA file cannot be read/);
  });

  describe('a certificate that is refused', () => {
    let authority: CertificateAuthority;
    before(async () => (authority = await makeAuthority()));
    after(() => authority.dispose());

    /** Pulls from a server with this certificate; resolves with its host and the message. */
    async function refusal(pair: KeyPair, ca?: string): Promise<{ host: string; message: string }> {
      const server = https.createServer({ ...pair }, (_request, response) => response.end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
      const host = `127.0.0.2:${(server.address() as AddressInfo).port}`;
      const caFile = path.join((await newFolder()).fsPath, 'ca.pem');
      if (ca) await writeFile(caFile, ca);
      await useRegistries({ host, ...(ca && { caFile }) });
      try {
        return { host, message: await pullSample(host) };
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }

    it('is shown: self-signed', async () => {
      const { message } = await refusal(await makeSelfSigned({ name: 'Self' }));
      assert.match(message, /DEPTH_ZERO_SELF_SIGNED_CERT.*"CN=Self" was issued by "CN=Self"/);
    });

    it('is shown: expired', async () => {
      const { message } = await refusal(
        await authority.issue({ from: '20200101', to: '20210101' }),
        authority.ca,
      );
      assert.match(message, /CERT_HAS_EXPIRED.*from 2020-01-01 to 2021-01-01.*fingerprint: [0-9A-F:]{95}\./);
    });

    it('is shown: not valid yet', async () => {
      const { message } = await refusal(
        await authority.issue({ from: '20450101', to: '20460101' }),
        authority.ca,
      );
      assert.match(message, /CERT_NOT_YET_VALID.*from 2045-01-01 to 2046-01-01/);
    });

    it('is shown: for another name', async () => {
      const { message } = await refusal(await authority.issue({ hosts: 'DNS:other.test' }), authority.ca);
      assert.match(message, /ERR_TLS_CERT_ALTNAME_INVALID.*It is for DNS:other\.test\./);
    });

    it('is shown: of an unknown authority, whose file is then trusted from the message', async () => {
      const { host, caFile = '' } = entryOf('a CA file');
      await useRegistries({ host });
      const answers = { error: 'Trust CA file…', opens: [[await newFolder()], [vscode.Uri.file(caFile)]] };
      const { errors } = await answering(answers, async () =>
        vscode.commands.executeCommand(commandIds.pull, {
          target: { host, repository: cellRepository, tag: 'v1' },
        }),
      );
      assert.match(errors.join(), /UNABLE_TO_VERIFY_LEAF_SIGNATURE.*issued by "CN=Test authority"/);
      assert.equal(await pullSample(host), '');
      await useMachine();
    });

    it('has a row in the sidebar that offers to trust a CA file', async () => {
      const { host } = entryOf('a CA file');
      await useRegistries({ host });
      await openSidebar();
      await vscode.commands.executeCommand(commandIds.refresh);
      const label = `The certificate of ${host} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE), Trust CA file…`;
      await expandRow(host);
      await seeRow(label);
    });
  });
});
