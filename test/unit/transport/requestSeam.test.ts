import assert from 'node:assert/strict';
import type { RequestOptions } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { NetworkError } from '../../../src/oci/errors';
import type { Endpoint } from '../../../src/transport/transport';
import { makeCertificates, type Certificates } from '../../support/certificates';
import { testTransport } from '../../support/testTransport';

describe('TLS settings, where the agent of each request is replaced', () => {
  let certificates: Certificates;
  let server: https.Server;
  let host: string;
  const request = https.request;

  before(async () => {
    certificates = await makeCertificates();
    const { cert, key } = certificates;
    server = https.createServer({ cert, key }, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    host = `127.0.0.2:${(server.address() as AddressInfo).port}`;
    https.request = replacingAgents(request);
  });
  after(async () => {
    https.request = request;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ping = async (endpoint: Partial<Endpoint>) => {
    const transport = testTransport({ endpoint: { plainHttp: false, ...endpoint } });
    const { status, body } = await transport.send({ method: 'GET', host, path: '/v2/' });
    body.resume();
    return status;
  };

  it('reach the request when verification is skipped', async () => {
    assert.equal(await ping({ insecure: true }), 200);
  });

  it('reach the request when an authority is given', async () => {
    assert.equal(await ping({ ca: certificates.ca }), 200);
  });

  it('refuse an unknown authority otherwise', async () => {
    await assert.rejects(
      ping({}),
      (error) => error instanceof NetworkError && error.causeCode === 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    );
  });
});

/** What VS Code does off localhost: the settings that only the agent has are lost. */
function replacingAgents(original: typeof https.request): typeof https.request {
  const replaced = (url: string | URL, options: RequestOptions, callback?: Parameters<typeof original>[2]) =>
    original(url, { ...options, agent: new https.Agent() }, callback);
  return replaced as typeof https.request;
}
