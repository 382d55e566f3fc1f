import assert from 'node:assert/strict';
import { AzureSignIns, type AzureSignIn } from '../../../../src/clouds/azure/azureSignIns';

describe('remembered Azure sign-ins', () => {
  const kept = new Map<string, unknown>();
  const signIns = new AzureSignIns({
    get: (key) => kept.get(key),
    update: async (key, value) => void kept.set(key, value),
  });

  const all: readonly AzureSignIn[] = [
    { by: 'microsoft', account: { id: '1', label: 'a@b.c' }, tenant: 't', audience: 'registry' },
    { by: 'azureCli' },
    { by: 'signedOut' },
  ];
  for (const signIn of all) {
    it(`come back as they were: ${signIn.by}`, async () => {
      await signIns.set('Contoso.azurecr.io', signIn);
      assert.deepEqual(signIns.get('contoso.azurecr.io'), signIn);
    });
  }

  for (const value of [
    undefined,
    null,
    'x',
    {},
    { by: 'x' },
    { by: 'microsoft', account: {}, tenant: 't' },
  ]) {
    it(`are nothing when what is kept is ${JSON.stringify(value)}`, () => {
      kept.set('azureSignIn:other.azurecr.io', value);
      assert.equal(signIns.get('other.azurecr.io'), undefined);
    });
  }
});
