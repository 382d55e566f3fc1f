import assert from 'node:assert/strict';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { SecretStore, type SecretKeep } from '../../../src/credentials/secretStore';

class MapKeep implements SecretKeep {
  readonly secrets = new Map<string, string>();

  async get(key: string) {
    return this.secrets.get(key);
  }

  async store(key: string, value: string) {
    this.secrets.set(key, value);
  }

  async delete(key: string) {
    this.secrets.delete(key);
  }
}

describe('the secret store', () => {
  let keep: MapKeep;
  let store: SecretStore;

  beforeEach(() => {
    keep = new MapKeep();
    store = new SecretStore(keep);
  });

  const credentials: Credential[] = [
    { kind: 'basic', username: 'u', password: 'p' },
    { kind: 'identityToken', token: 't' },
    { kind: 'identityToken', username: 'u', token: 't' },
    { kind: 'registryToken', token: 't' },
  ];
  for (const credential of credentials) {
    it(`keeps and gives back ${JSON.stringify(credential)}`, async () => {
      await store.set('r.io:5000', credential);
      assert.deepEqual([...keep.secrets.keys()], ['oci-artifacts.credential:r.io:5000']);
      assert.deepEqual(await store.get('r.io:5000'), credential);
      assert.equal(await store.get('r.io'), undefined);
    });
  }

  it('keeps one secret for the hosts of Docker Hub', async () => {
    await store.set('registry-1.docker.io', { kind: 'registryToken', token: 't' });
    assert.deepEqual([...keep.secrets.keys()], ['oci-artifacts.credential:docker.io']);
    assert.deepEqual(await store.get('index.docker.io'), { kind: 'registryToken', token: 't' });
  });

  it('removes, and says whether there was one', async () => {
    await store.set('r.io', { kind: 'registryToken', token: 't' });
    assert.equal(await store.remove('r.io'), true);
    assert.equal(await store.remove('r.io'), false);
    assert.equal(keep.secrets.size, 0);
  });

  const bad = [
    '',
    'hunter2',
    'null',
    '[]',
    '{"kind":"basic","username":"hunter2"}',
    '{"kind":"other","token":"hunter2"}',
  ];
  for (const text of bad) {
    it(`reports a secret that is not a credential, and can remove it: ${text}`, async () => {
      keep.secrets.set('oci-artifacts.credential:r.io', text);
      await assert.rejects(store.get('r.io'), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.ok(error.message.includes('r.io') && !error.message.includes('hunter2'));
        return true;
      });
      assert.equal(await store.remove('r.io'), true);
    });
  }

  it('reports a storage that fails', async () => {
    keep.get = () => Promise.reject(new Error('locked'));
    await assert.rejects(store.get('r.io'), CredentialStoreError);
  });
});
