import assert from 'node:assert/strict';
import { azureCloudOf, scopesFor } from '../../../../src/clouds/azure/azureCloud';
import { providerFor } from '../../../../src/targets/registry/providers';

describe('hosts of Azure Container Registry', () => {
  const hosts: readonly (readonly [string, boolean])[] = [
    ['contoso.azurecr.io', true],
    ['Contoso.azurecr.io', true],
    ['contoso-a1b2c3.azurecr.io', true],
    ['contoso.azurecr.cn', true],
    ['contoso.azurecr.us', true],
    ['contoso.azurecr.io:443', true],
    ['azurecr.io', false],
    ['contoso.westeurope.data.azurecr.io', false],
    ['contoso.azurecr.io.evil.example', false],
    ['contoso.azurecr.evil', false],
    ['contosoazurecr.io', false],
  ];
  for (const [host, isAcr] of hosts) {
    it(`are ${isAcr ? '' : 'not '}like ${host}`, () => {
      assert.equal(providerFor(host).kind === 'azureAcr', isAcr);
    });
  }

  it('can be of any name, when the settings say so', () => {
    assert.equal(providerFor('127.0.0.1:5000', 'azureAcr').kind, 'azureAcr');
  });
});

describe('scopes of a Microsoft session', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['contoso.azurecr.io', 'microsoft', 'https://management.azure.com/.default'],
    ['contoso.azurecr.cn', 'microsoft-sovereign-cloud', 'https://management.chinacloudapi.cn/.default'],
    ['contoso.azurecr.us', 'microsoft-sovereign-cloud', 'https://management.usgovcloudapi.net/.default'],
  ];
  for (const [host, provider, scope] of rows) {
    it(`are those of the cloud of ${host}`, () => {
      const cloud = azureCloudOf(host);
      assert.equal(cloud.provider, provider);
      assert.deepEqual(scopesFor(cloud, 'management'), [scope]);
    });
  }

  it('name the tenant, and the one resource of all registries', () => {
    assert.deepEqual(scopesFor(azureCloudOf('contoso.azurecr.cn'), 'registry', 'contoso.com'), [
      'https://containerregistry.azure.net/.default',
      'VSCODE_TENANT:contoso.com',
    ]);
  });
});
