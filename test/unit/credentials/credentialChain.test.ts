import assert from 'node:assert/strict';
import { CredentialChain } from '../../../src/credentials/credentialChain';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { SecretStore } from '../../../src/credentials/secretStore';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

const basic = (username: string): Credential => ({ kind: 'basic', username, password: 'p' });

describe('stores in order', () => {
  let home: CredentialHome;
  let secrets: SecretStore;
  let config: DockerConfigStore;
  let chain: CredentialChain;

  beforeEach(async () => {
    home = await makeCredentialHome();
    const kept = new Map<string, string>();
    secrets = new SecretStore({
      get: async (key) => kept.get(key),
      store: async (key, value) => void kept.set(key, value),
      delete: async (key) => void kept.delete(key),
    });
    config = new DockerConfigStore({ environment: home.environment });
    chain = new CredentialChain([secrets, config]);
  });
  afterEach(() => home.remove());

  it('give the credential of the first that holds one', async () => {
    assert.equal(await chain.credentialFor('r.io'), undefined);
    await config.set('r.io', basic('config'));
    assert.deepEqual(await chain.credentialFor('r.io'), basic('config'));
    await secrets.set('r.io', basic('secrets'));
    assert.deepEqual(await chain.credentialFor('r.io'), basic('secrets'));
  });

  it('tell which of them hold one', async () => {
    await config.set('r.io', basic('config'));
    assert.deepEqual(await chain.locate('r.io'), { holding: [config], failures: [] });
    await secrets.set('r.io', basic('secrets'));
    assert.deepEqual(await chain.locate('r.io'), { holding: [secrets, config], failures: [] });
    assert.deepEqual(await chain.locate('x.io'), { holding: [], failures: [] });
  });

  it('remove it from each that holds it', async () => {
    await config.set('r.io', basic('config'));
    await secrets.set('r.io', basic('secrets'));
    assert.deepEqual(await chain.removeEverywhere('r.io'), [secrets, config]);
    assert.deepEqual(await chain.removeEverywhere('r.io'), []);
    assert.equal(await chain.credentialFor('r.io'), undefined);
  });

  it('go on past a broken one, and report it when no other answers', async () => {
    await home.writeConfig('not JSON');
    const backwards = new CredentialChain([config, secrets]);
    await assert.rejects(backwards.credentialFor('r.io'), CredentialStoreError);
    await secrets.set('r.io', basic('secrets'));
    assert.deepEqual(await backwards.credentialFor('r.io'), basic('secrets'));
    const { holding, failures } = await backwards.locate('r.io');
    assert.deepEqual(holding, [secrets]);
    assert.ok(failures[0] instanceof CredentialStoreError);
    await assert.rejects(backwards.removeEverywhere('r.io'), CredentialStoreError);
    assert.equal(await secrets.get('r.io'), undefined);
  });

  it('give the abort reason', async () => {
    const reason = new Error('enough');
    await assert.rejects(chain.credentialFor('r.io', { signal: AbortSignal.abort(reason) }), reason);
  });
});
