import assert from 'node:assert/strict';
import { CredentialChain } from '../../../src/credentials/credentialChain';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { SecretStore } from '../../../src/credentials/secretStore';
import { SignIns, type SignInsOptions } from '../../../src/host/signIns';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { MapKeep } from '../../support/mapKeep';
import { makeCredentialHome, type CredentialHome } from '../credentials/credentialHome';

const basic = (username: string, password = 'hunter2'): Credential => ({ kind: 'basic', username, password });

describe('sign-ins', () => {
  let home: CredentialHome;
  let accounts: SecretStore;
  let config: DockerConfigStore;
  let chosen: string | undefined;
  let forgotten: string[];
  let credentials: CredentialChain;
  let signIns: SignIns;

  beforeEach(async () => {
    home = await makeCredentialHome();
    accounts = new SecretStore(new MapKeep());
    config = new DockerConfigStore({ environment: home.environment });
    chosen = undefined;
    forgotten = [];
    credentials = new CredentialChain([accounts, config], { accountFor: () => chosen });
    signIns = new SignIns(options());
  });
  afterEach(() => home.remove());

  const options = (): SignInsOptions => ({
    credentials,
    accounts,
    choice: {
      accountFor: () => chosen,
      chooseAccount: async (_host, account) => void (chosen = account),
    },
    ways: [],
    forget: (host) => forgotten.push(host),
    ping: () => Promise.reject(new Error('not asked here')),
  });
  const inForce = () => credentials.credentialFor('r.io');
  const inStorage = 'VS Code secret storage';
  const login = (account: string) => ({ store: 'secretStorage', account, place: inStorage }) as const;
  const dockerLogin = (account: string) =>
    ({ store: 'dockerConfig', account, place: home.configFile }) as const;

  it('are stored where the user says, and forgotten by the client', async () => {
    assert.equal(await signIns.store('r.io', basic('alice'), 'secretStorage'), inStorage);
    assert.equal(await signIns.store('r.io', basic('alice'), 'dockerConfig'), home.configFile);
    assert.deepEqual(await config.get('r.io'), basic('alice'));
    assert.deepEqual(forgotten, ['r.io', 'r.io']);
  });

  it('are all listed, also when a store is broken', async () => {
    await signIns.store('r.io', basic('alice'), 'secretStorage');
    await signIns.store('r.io', basic('bob'), 'secretStorage');
    await signIns.store('r.io', basic('bob'), 'dockerConfig');
    assert.deepEqual(await signIns.logins('r.io'), [login('bob'), login('alice'), dockerLogin('bob')]);
    await home.writeConfig('not JSON');
    assert.deepEqual(await signIns.logins('r.io'), [login('bob'), login('alice')]);
    await assert.rejects(signIns.loginsIn('dockerConfig', 'r.io'), CredentialStoreError);
  });

  it('are used from then on, whatever account was used before', async () => {
    await signIns.store('r.io', basic('alice'), 'secretStorage');
    await signIns.choose('r.io', 'alice');
    await signIns.store('r.io', basic('bob'), 'secretStorage');
    assert.deepEqual(await inForce(), basic('bob'));
    await signIns.store('r.io', basic('dora'), 'dockerConfig');
    assert.deepEqual(await inForce(), basic('dora'));
    assert.deepEqual((await signIns.logins('r.io')).length, 3);
  });

  it('replace an older password of the same account that would come first', async () => {
    await signIns.store('r.io', basic('alice', 'old'), 'secretStorage');
    await signIns.store('r.io', basic('alice', 'new'), 'dockerConfig');
    assert.deepEqual(await inForce(), basic('alice', 'new'));
  });

  it('end one by one, and with the chosen account its choice', async () => {
    for (const name of ['alice', 'bob']) await signIns.store('r.io', basic(name), 'secretStorage');
    await signIns.store('r.io', basic('bob'), 'dockerConfig');
    await signIns.choose('r.io', 'bob');
    await signIns.remove('r.io', login('bob'));
    assert.equal(chosen, 'bob');
    assert.deepEqual(await inForce(), basic('bob'));
    await signIns.remove('r.io', dockerLogin('bob'));
    assert.equal(chosen, undefined);
    assert.deepEqual(await signIns.logins('r.io'), [login('alice')]);
  });

  it('end all at once', async () => {
    await signIns.store('r.io', basic('alice'), 'secretStorage');
    await signIns.store('r.io', basic('bob'), 'dockerConfig');
    assert.deepEqual(await signIns.removeAll('r.io'), [inStorage, home.configFile]);
    assert.deepEqual(await signIns.logins('r.io'), []);
    assert.equal(chosen, undefined);
    assert.deepEqual(await signIns.removeAll('r.io'), []);
  });

  it('are copied both ways, and the account in use stays', async () => {
    await signIns.store('r.io', basic('alice'), 'dockerConfig');
    await signIns.copy('r.io', dockerLogin('alice'), 'secretStorage');
    assert.deepEqual(await accounts.get('r.io'), basic('alice'));
    await signIns.store('r.io', basic('bob'), 'secretStorage');
    await signIns.copy('r.io', dockerLogin('alice'), 'secretStorage');
    assert.deepEqual(await inForce(), basic('bob'));
    await signIns.copy('r.io', login('bob'), 'dockerConfig');
    assert.deepEqual(await config.get('r.io'), basic('bob'));
    assert.deepEqual(await inForce(), basic('bob'));
  });

  it('by a way of its own are named and ended with the rest', async () => {
    const ended: string[] = [];
    const way = {
      label: 'AWS',
      detail: '',
      icon: 'cloud',
      matches: (host: string) => host === 'r.io',
      signIn: async () => 'AWS profile dev',
      signedInBy: async () => (ended.length === 0 ? 'AWS profile dev' : undefined),
      signOut: async (host: string) => void ended.push(host),
    };
    const withWay = new SignIns({ ...options(), ways: [way] });
    await withWay.store('r.io', basic('alice'), 'secretStorage');
    assert.deepEqual(await withWay.holders('r.io'), [`alice in ${inStorage}`, 'AWS profile dev']);
    assert.deepEqual(await withWay.removeAll('r.io'), [inStorage, 'AWS profile dev']);
    assert.deepEqual(ended, ['r.io']);
    assert.deepEqual(await withWay.holders('r.io'), []);
  });

  it('that cannot be stored change nothing', async () => {
    await home.addHelper(
      'ecr-login',
      `[ "$1" = store ] && { echo 'not implemented'; exit 1; }; echo 'credentials not found in native keychain'; exit 1`,
    );
    await home.writeConfig({ credHelpers: { 'r.io': 'ecr-login' } });
    await assert.rejects(signIns.store('r.io', basic('AWS'), 'dockerConfig'), /not implemented/);
    assert.equal(chosen, undefined);
    await signIns.store('r.io', basic('AWS'), 'secretStorage');
    assert.deepEqual(await inForce(), basic('AWS'));
  });
});
