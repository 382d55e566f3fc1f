import assert from 'node:assert/strict';
import { CredentialChain } from '../../../src/credentials/credentialChain';
import type { SourceReport } from '../../../src/credentials/credentialExplanation';
import type { CredentialSource, CredentialSourceId } from '../../../src/credentials/credentialStore';
import { ContainersAuth } from '../../../src/credentials/containersAuth';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { SecretStore } from '../../../src/credentials/secretStore';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { MapKeep } from '../../support/mapKeep';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

const basic = (username: string): Credential => ({ kind: 'basic', username, password: 'hunter2' });
const auth = (username: string) => ({ auth: Buffer.from(`${username}:hunter2`).toString('base64') });

describe('stores in order', () => {
  let home: CredentialHome;
  let secrets: SecretStore;
  let config: DockerConfigStore;
  let chain: CredentialChain;

  beforeEach(async () => {
    home = await makeCredentialHome();
    secrets = new SecretStore(new MapKeep());
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

  it('ask the next one where VS Code never answers, without a second wait', async () => {
    const keep = Object.assign(new MapKeep(), { keys: () => new Promise<never>(() => undefined) });
    const silent = new SecretStore(keep, Date.now, { limitMs: 100 });
    const patient = new CredentialChain([silent, config]);
    await config.set('r.io', basic('config'));
    assert.deepEqual(await patient.credentialFor('r.io'), basic('config'));
    const beganMs = Date.now();
    assert.deepEqual(await patient.credentialFor('r.io'), basic('config'));
    assert.ok(Date.now() - beganMs < 80);
    await assert.rejects(patient.credentialFor('x.io'), CredentialStoreError);
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

describe('sources and what the user decides', () => {
  let home: CredentialHome;
  let secrets: SecretStore;
  let order: CredentialSourceId[];
  let account: string | undefined;
  let chain: CredentialChain;

  beforeEach(async () => {
    home = await makeCredentialHome();
    secrets = new SecretStore(new MapKeep());
    order = ['secretStorage', 'dockerConfig', 'containersAuth'];
    account = undefined;
    const options = { environment: home.environment };
    chain = new CredentialChain([new ContainersAuth(options), secrets, new DockerConfigStore(options)], {
      order: () => order,
      accountFor: (host) => (host === 'r.io' ? account : undefined),
    });
    await home.writeConfig({ auths: { 'r.io': auth('dora'), 'r.io/team': auth('team') } });
    await home.write('.config/containers/auth.json', { auths: { 'r.io': auth('paul') } });
    await secrets.set('r.io', basic('alice'));
    await secrets.set('r.io', basic('bob'));
  });
  afterEach(() => home.remove());

  const reports = async (repository?: string): Promise<[CredentialSourceId, SourceReport][]> => {
    const explanation = await chain.explain('r.io', { ...(repository && { repository }) });
    assert.ok(!JSON.stringify(explanation).includes('hunter2'));
    assert.ok(!JSON.stringify(explanation).includes(auth('dora').auth));
    return explanation.steps.map(({ id, report }) => [id, report]);
  };
  const used = (name: string, place: string): SourceReport => ({ outcome: 'used', account: name, place });
  const inConfig = (key: string) => `the entry "${key}" of ${home.configFile}`;
  const inStorage = 'VS Code secret storage';

  it('asks in the order of the setting, and says which was not reached', async () => {
    assert.deepEqual(await chain.credentialFor('r.io'), basic('bob'));
    assert.deepEqual(await reports(), [
      ['secretStorage', used('bob', inStorage)],
      ['dockerConfig', { outcome: 'notAsked' }],
      ['containersAuth', { outcome: 'notAsked' }],
    ]);
    order = ['containersAuth', 'secretStorage', 'dockerConfig'];
    assert.deepEqual(await chain.credentialFor('r.io'), basic('paul'));
    assert.deepEqual((await reports())[0]?.[1].outcome, 'used');
  });

  it('does not ask a source that the setting leaves out, nor one that is unknown, nor one twice', async () => {
    order = ['github', 'dockerConfig', 'dockerConfig'];
    assert.deepEqual(await chain.credentialFor('r.io'), basic('dora'));
    assert.deepEqual(await reports(), [
      ['dockerConfig', used('dora', inConfig('r.io'))],
      ['containersAuth', { outcome: 'switchedOff' }],
      ['secretStorage', { outcome: 'switchedOff' }],
    ]);
    order = [];
    assert.equal(await chain.credentialFor('r.io'), undefined);
  });

  it('says which entry answered for a repository', async () => {
    order = ['dockerConfig'];
    const query = { repository: 'team/app' };
    assert.deepEqual(await chain.credentialFor('r.io', query), basic('team'));
    assert.deepEqual((await reports('team/app'))[0], ['dockerConfig', used('team', inConfig('r.io/team'))]);
  });

  it('uses the chosen account wherever it is, and says what it passed over', async () => {
    account = 'alice';
    assert.deepEqual(await chain.credentialFor('r.io'), basic('alice'));
    account = 'paul';
    assert.deepEqual(await chain.credentialFor('r.io'), basic('paul'));
    assert.deepEqual(await reports(), [
      ['secretStorage', { outcome: 'otherAccount', account: 'bob', place: inStorage }],
      ['dockerConfig', { outcome: 'otherAccount', account: 'dora', place: inConfig('r.io') }],
      ['containersAuth', used('paul', `the entry "r.io" of ${home.folder}/.config/containers/auth.json`)],
    ]);
    assert.equal((await chain.explain('r.io')).chosenAccount, 'paul');
  });

  it('uses the first of any account when the chosen one is nowhere', async () => {
    account = 'gone';
    assert.deepEqual(await chain.credentialFor('r.io'), basic('bob'));
    assert.deepEqual(
      (await reports()).map(([, { outcome }]) => outcome),
      ['used', 'otherAccount', 'otherAccount'],
    );
  });

  it('asks a source that is chosen for the host first, if the setting has it', async () => {
    const cloud = (isChosen: boolean): CredentialSource => ({
      id: 'azureAcr',
      label: 'Azure sign-in',
      isChosen: () => isChosen,
      get: async () => basic('cloud'),
    });
    const chainWith = (isChosen: boolean, ids: CredentialSourceId[]) =>
      new CredentialChain([secrets, cloud(isChosen)], { order: () => ids });
    const all: CredentialSourceId[] = ['secretStorage', 'azureAcr'];
    assert.deepEqual(await chainWith(true, all).credentialFor('r.io'), basic('cloud'));
    assert.deepEqual(await chainWith(false, all).credentialFor('r.io'), basic('bob'));
    assert.deepEqual(await chainWith(true, ['secretStorage']).credentialFor('r.io'), basic('bob'));
  });

  it('passes over a token that has ended, and uses it when there is nothing else', async () => {
    const claims = Buffer.from(JSON.stringify({ exp: 1000 })).toString('base64url');
    const token: Credential = { kind: 'identityToken', token: `e30.${claims}.sig` };
    await secrets.set('r.io', token);
    await secrets.set('x.io', token);
    const at = (nowMs: number) =>
      new CredentialChain(
        [secrets, new DockerConfigStore({ environment: home.environment })],
        {},
        () => nowMs,
      );
    assert.deepEqual(await at(999_999).credentialFor('r.io'), token);
    assert.deepEqual(await at(1_000_000).credentialFor('r.io'), basic('dora'));
    assert.deepEqual(
      (await at(1_000_000).explain('r.io')).steps.map(({ report }) => report.outcome),
      ['ended', 'used'],
    );
    assert.deepEqual(await at(1_000_000).credentialFor('x.io'), token);
  });

  it('says what failed and why, and what had nothing', async () => {
    await secrets.remove('r.io');
    await home.writeConfig({ credsStore: 'missing' });
    const [nothing, failed, found] = await reports();
    assert.deepEqual(nothing, ['secretStorage', { outcome: 'nothing' }]);
    assert.ok(failed?.[1].outcome === 'failed');
    assert.match(failed[1].reason, /^docker-credential-missing: .* not installed/);
    assert.equal(found?.[1].outcome, 'used');
    assert.deepEqual(await chain.credentialFor('r.io'), basic('paul'));
  });

  it('takes the helper of a dev container as one source among others', async () => {
    const name = 'dev-containers-0a1b2c3d';
    await secrets.remove('r.io');
    await home.writeConfig({ credsStore: name });
    for (const says of ['echo "credentials not found in native keychain"', 'echo "connect ENOENT" >&2']) {
      await home.addHelper(name, `cat > /dev/null; ${says}; exit 1`);
      assert.deepEqual(await chain.credentialFor('r.io'), basic('paul'));
    }
  });

  it('reports a broken helper for a host for which no later source answers', async () => {
    await home.writeConfig({ credHelpers: { 'x.io': 'missing' } });
    await assert.rejects(chain.credentialFor('x.io'), /docker-credential-missing/);
    assert.equal(await chain.credentialFor('y.io'), undefined);
  });
});
