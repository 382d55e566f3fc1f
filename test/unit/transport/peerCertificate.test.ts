import assert from 'node:assert/strict';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { NetworkError } from '../../../src/oci/errors';
import { discard } from '../../../src/transport/readCapped';
import { readPeerCertificate } from '../../../src/transport/peerCertificate';
import {
  makeAuthority,
  makeSelfSigned,
  type CertificateAuthority,
  type KeyPair,
} from '../../support/certificateAuthority';
import { TestClock } from '../../support/testClock';
import { testTransport } from '../../support/testTransport';

describe('A refused certificate', () => {
  let authority: CertificateAuthority;
  before(async () => (authority = await makeAuthority()));
  after(() => authority.dispose());

  /** The error of a ping of a server with this certificate, and how many connections and requests it got. */
  async function refusal(pair: KeyPair, ca?: string): Promise<{ error: NetworkError; seen: string[] }> {
    const seen: string[] = [];
    const server = https.createServer({ ...pair, requestCert: true, rejectUnauthorized: false });
    server.on('connection', () => seen.push('connection'));
    server.on('secureConnection', (socket) => {
      seen.push(
        Object.keys(socket.getPeerCertificate()).length > 0 ? 'client certificate' : 'no client certificate',
      );
    });
    server.on('request', () => seen.push('request'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    const host = `127.0.0.2:${(server.address() as AddressInfo).port}`;
    const clientCertificate = await authority.issue({ name: 'client' });
    const transport = testTransport({ endpoint: { plainHttp: false, clientCertificate, ...(ca && { ca }) } });
    try {
      await transport.send({ method: 'GET', host, path: '/v2/' });
      throw new Error('it was accepted');
    } catch (error) {
      assert.ok(error instanceof NetworkError);
      return { error, seen };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  const today = new Date().toISOString().slice(0, 10);

  it('that is self-signed is shown with subject, names, validity and fingerprint', async () => {
    const { error } = await refusal(await makeSelfSigned({ name: 'Self' }));
    assert.equal(error.causeCode, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.match(
      error.message,
      new RegExp(
        `its certificate is self-signed \\(DEPTH_ZERO_SELF_SIGNED_CERT\\)\\. The certificate of "CN=Self" was issued by "CN=Self" and is valid from ${today} to \\d{4}-\\d\\d-\\d\\d\\. It is for IP Address:127\\.0\\.0\\.2, .*\\. SHA-256 fingerprint: ([0-9A-F]{2}:){31}[0-9A-F]{2}\\.$`,
      ),
    );
  });

  it('of an unknown authority names the authority', async () => {
    const { error } = await refusal(await authority.issue());
    assert.equal(error.causeCode, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    assert.equal(error.certificate?.issuer, 'CN=Test authority');
    assert.equal(error.certificate?.subject, 'CN=Test registry');
  });

  it('that has expired says when', async () => {
    const { error } = await refusal(
      await authority.issue({ from: '20200101', to: '20210101' }),
      authority.ca,
    );
    assert.match(
      error.message,
      /its certificate has expired \(CERT_HAS_EXPIRED\).*from 2020-01-01 to 2021-01-01/,
    );
  });

  it('that is not valid yet says from when', async () => {
    const { error } = await refusal(
      await authority.issue({ from: '20450101', to: '20460101' }),
      authority.ca,
    );
    assert.match(error.message, /is not valid yet \(CERT_NOT_YET_VALID\).*from 2045-01-01 to 2046-01-01/);
  });

  it('for another name says which', async () => {
    const { error } = await refusal(await authority.issue({ hosts: 'DNS:other.test' }), authority.ca);
    assert.match(
      error.message,
      /is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\).*It is for DNS:other\.test\./,
    );
  });

  it('is read by a handshake alone: no request, no client certificate', async () => {
    const { seen } = await refusal(await makeSelfSigned());
    assert.equal(seen.filter((event) => event === 'connection').length, 2);
    assert.ok(!seen.includes('request'));
    assert.ok(!seen.includes('client certificate'), seen.join());
  });

  it('is read anew where a connection is open already, by settings that trust more', async () => {
    const pair = await authority.issue();
    const server = https.createServer({ ...pair }, (_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    const host = `127.0.0.2:${(server.address() as AddressInfo).port}`;
    const ping = async (insecure: boolean) =>
      discard(
        await testTransport({ endpoint: { plainHttp: false, insecure } }).send({
          method: 'GET',
          host,
          path: '/v2/',
        }),
      );
    try {
      await ping(true);
      await assert.rejects(ping(false), /issued by "CN=Test authority"/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('is done without when the host says nothing in time, or on cancel', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    const url = new URL(`https://127.0.0.2:${(server.address() as AddressInfo).port}/`);
    const clock = new TestClock();
    const controller = new AbortController();
    const query = { url, options: {}, clock, signal: controller.signal };
    const late = readPeerCertificate(query);
    clock.ring();
    assert.equal(await late, undefined);
    const cancelled = readPeerCertificate(query);
    controller.abort();
    assert.equal(await cancelled, undefined);
    server.close();
  });
});
