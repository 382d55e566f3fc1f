import assert from 'node:assert/strict';
import { SecretStore } from '../../../src/credentials/secretStore';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { MapKeep } from '../../support/mapKeep';

const basic = (username: string, password = 'p'): Credential => ({ kind: 'basic', username, password });

describe('the secret store', () => {
  let keep: MapKeep;
  let store: SecretStore;
  let nowMs: number;

  beforeEach(() => {
    keep = new MapKeep();
    nowMs = 1000;
    store = new SecretStore(keep, () => nowMs);
  });

  const credentials: [Credential, string][] = [
    [basic('u'), 'u'],
    [basic('name/with+signs@example.com'), 'name/with+signs@example.com'],
    [{ kind: 'identityToken', token: 't' }, '<token>'],
    [{ kind: 'identityToken', username: 'u', token: 't' }, 'u'],
    [{ kind: 'registryToken', token: 't' }, '<token>'],
  ];
  for (const [credential, account] of credentials) {
    it(`keeps and gives back ${JSON.stringify(credential)}`, async () => {
      await store.set('r.io:5000', credential);
      assert.deepEqual([...keep.secrets.keys()], [`oci-artifacts.credential:r.io:5000/${account}`]);
      assert.deepEqual(await store.get('r.io:5000'), credential);
      assert.equal(await store.get('r.io'), undefined);
      assert.deepEqual(await store.accounts(), [{ host: 'r.io:5000', name: account }]);
    });
  }

  it('keeps one set of accounts for the hosts of Docker Hub', async () => {
    await store.set('registry-1.docker.io', basic('u'));
    assert.deepEqual([...keep.secrets.keys()], ['oci-artifacts.credential:docker.io/u']);
    assert.deepEqual(await store.get('index.docker.io'), basic('u'));
  });

  describe('with several accounts of a registry', () => {
    beforeEach(async () => {
      await store.set('r.io', basic('alice'));
      nowMs = 2000;
      await store.set('r.io', basic('bob'));
      await store.set('x.io', basic('carol'));
    });

    it('gives the last one signed in, the wanted one where there is one', async () => {
      assert.deepEqual(await store.get('r.io'), basic('bob'));
      assert.deepEqual(await store.get('r.io', { account: 'alice' }), basic('alice'));
      assert.deepEqual(await store.get('r.io', { account: 'dave' }), basic('bob'));
      nowMs = 3000;
      await store.set('r.io', basic('alice', 'new'));
      assert.deepEqual(await store.get('r.io'), basic('alice', 'new'));
    });

    it('counts the last sign-in as last also when the clock went back', async () => {
      nowMs = 10;
      await store.set('r.io', basic('alice'));
      assert.deepEqual(await store.get('r.io'), basic('alice'));
    });

    it('lists them, the last one signed in first', async () => {
      assert.deepEqual(await store.accounts('r.io'), [
        { host: 'r.io', name: 'bob' },
        { host: 'r.io', name: 'alice' },
      ]);
      assert.equal((await store.accounts()).length, 3);
    });

    it('removes one, or all of a host', async () => {
      assert.equal(await store.removeAccount({ host: 'r.io', name: 'bob' }), true);
      assert.equal(await store.removeAccount({ host: 'r.io', name: 'bob' }), false);
      assert.deepEqual(await store.get('r.io'), basic('alice'));
      assert.equal(await store.remove('r.io'), true);
      assert.equal(await store.remove('r.io'), false);
      assert.deepEqual(await store.accounts(), [{ host: 'x.io', name: 'carol' }]);
    });
  });

  describe('with a secret of before there were several accounts', () => {
    const old = 'oci-artifacts.credential:r.io';
    beforeEach(() => keep.secrets.set(old, JSON.stringify(basic('alice'))));

    it('reads it as an account', async () => {
      assert.deepEqual(await store.get('r.io'), basic('alice'));
      assert.deepEqual(await store.accounts(), [{ host: 'r.io', name: 'alice' }]);
      await store.set('r.io', basic('bob'));
      assert.deepEqual(await store.get('r.io'), basic('bob'));
      assert.deepEqual(await store.get('r.io', { account: 'alice' }), basic('alice'));
    });

    it('replaces it when the same account signs in', async () => {
      await store.set('r.io', basic('alice', 'new'));
      assert.deepEqual([...keep.secrets.keys()], [`${old}/alice`]);
      assert.deepEqual(await store.get('r.io'), basic('alice', 'new'));
    });

    it('removes it', async () => {
      assert.equal(await store.removeAccount({ host: 'r.io', name: 'alice' }), true);
      assert.equal(keep.secrets.size, 0);
    });
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
      await store.set('r.io', basic('alice'));
      assert.deepEqual(await store.get('r.io'), basic('alice'));
      assert.equal(await store.remove('r.io'), true);
      assert.equal(keep.secrets.size, 0);
    });
  }

  it('reports a storage that fails', async () => {
    keep.keys = () => Promise.reject(new Error('locked'));
    await assert.rejects(store.get('r.io'), CredentialStoreError);
  });

  describe('of a keep that', () => {
    const never = () => new Promise<never>(() => undefined);

    it('never answers, fails in time, says so once, and cancels at once', async () => {
      let silences = 0;
      const silent = new SecretStore(Object.assign(new MapKeep(), { keys: never }), () => nowMs, {
        limitMs: 20,
        onSilent: () => silences++,
      });
      const isSilent = (error: unknown) =>
        error instanceof CredentialStoreError && /has not answered within/.test(error.message);
      await assert.rejects(silent.get('r.io'), isSilent);
      await assert.rejects(silent.accounts(), isSilent);
      assert.equal(silences, 1);
      const patient = new SecretStore(Object.assign(new MapKeep(), { keys: never }));
      const controller = new AbortController();
      const asked = patient.get('r.io', { signal: controller.signal });
      controller.abort();
      await assert.rejects(asked, { name: 'AbortError' });
    });

    it('answers again later is asked again', async () => {
      let open: (keys: string[]) => void = () => undefined;
      const keys = () => new Promise<string[]>((resolve) => (open = resolve));
      const late = Object.assign(new MapKeep(), { keys: keys });
      const locked = new SecretStore(late, () => nowMs, { limitMs: 20 });
      await assert.rejects(locked.accounts());
      open([]);
      late.keys = async () => [...late.secrets.keys()];
      await new Promise(setImmediate);
      await locked.set('r.io', basic('u'));
      assert.deepEqual(await locked.get('r.io'), basic('u'));
    });

    for (const [what, fail] of [
      ['does not answer for one secret', never],
      ['cannot decrypt one secret', () => Promise.reject(new Error('cannot be decrypted'))],
    ] as const) {
      it(`${what} gives the others`, async () => {
        await store.set('r.io', basic('alice'));
        await store.set('x.io', basic('carol'));
        const [broken = ''] = keep.secrets.keys();
        const get = async (key: string) => (key === broken ? fail() : keep.secrets.get(key));
        const partly = new SecretStore(Object.assign(keep, { get }), () => nowMs, { limitMs: 20 });
        assert.deepEqual(await partly.accounts(), [{ host: 'x.io', name: 'carol' }]);
        assert.deepEqual(await partly.get('x.io'), basic('carol'));
        await assert.rejects(partly.get('r.io'), CredentialStoreError);
        await partly.set('r.io', basic('bob'));
        assert.deepEqual(await partly.get('r.io'), basic('bob'));
        assert.equal(await partly.removeAccount({ host: 'r.io', name: 'alice' }), true);
      });
    }
  });
});
