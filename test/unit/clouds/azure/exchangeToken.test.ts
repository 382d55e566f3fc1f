import assert from 'node:assert/strict';
import { exchangeToken } from '../../../../src/clouds/azure/exchangeToken';
import { RegistryError } from '../../../../src/oci/errors';
import { startScriptedServer } from '../../../support/scriptedServer';
import { testTransport } from '../../../support/testTransport';

describe('The token exchange of Azure', () => {
  it('keeps the Microsoft token out of the failure of a registry that repeats it', async () => {
    const server = await startScriptedServer(({ body }) => ({
      status: 400,
      body: `cannot use ${body.toString()}`,
    }));
    try {
      const token = { host: server.host, tenant: 'common', accessToken: 'canary+token/of=Microsoft' };
      await assert.rejects(exchangeToken(testTransport(), token), (error) => {
        assert.ok(error instanceof RegistryError);
        assert.match(error.message, /cannot use .*access_token=\(secret\)/);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      });
    } finally {
      await server.stop();
    }
  });
});
