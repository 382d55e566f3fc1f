import assert from 'node:assert/strict';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { HelmConfig } from '../../../src/credentials/helmConfig';
import type { Credential } from '../../../src/oci/credential';
import { CredentialStoreError } from '../../../src/oci/errors';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const basic = (username: string): Credential => ({ kind: 'basic', username, password: 'p' });
const entry = (name: string) => ({ auth: base64(`${name}:p`) });
const ofVariable = { auths: { 'r.io': entry('variable') } };

describe('the variable DOCKER_AUTH_CONFIG', () => {
  let home: CredentialHome;
  beforeEach(async () => {
    home = await makeCredentialHome();
  });
  afterEach(() => home.remove());

  const environmentWith = (value: unknown) => ({
    ...home.environment,
    variables: {
      ...home.environment.variables,
      DOCKER_AUTH_CONFIG: typeof value === 'string' ? value : JSON.stringify(value),
    },
  });
  const storeWith = (value: unknown) => new DockerConfigStore({ environment: environmentWith(value) });

  it('is read before the file, and before a helper', async () => {
    await home.addHelper('all', `printf '{"Username":"all","Secret":"p"}'`);
    await home.writeConfig({ auths: { 'r.io': entry('file') }, credsStore: 'all' });
    const store = storeWith(ofVariable);
    assert.deepEqual(await store.get('r.io'), basic('variable'));
    assert.deepEqual(await store.get('x.io'), basic('all'));
    assert.equal((await store.find('r.io'))?.place, 'the entry "r.io" of the variable DOCKER_AUTH_CONFIG');
    assert.equal(store.location, `DOCKER_AUTH_CONFIG, ${home.configFile}`);
  });

  it('is enough where there is no file', async () => {
    assert.deepEqual(await storeWith(ofVariable).get('r.io'), basic('variable'));
    assert.equal(await storeWith(ofVariable).get('x.io'), undefined);
  });

  it('has Docker Hub under its key, other spellings and entries for a part of a registry', async () => {
    const hub = storeWith({ auths: { 'https://index.docker.io/v1/': entry('hub') } });
    assert.deepEqual(await hub.get('docker.io'), basic('hub'));
    const parts = storeWith({ auths: { 'https://r.io/v1/': entry('host'), 'r.io/team': entry('team') } });
    assert.deepEqual(await parts.get('r.io', { repository: 'team/app' }), basic('team'));
    assert.deepEqual(await parts.get('r.io', { repository: 'other' }), basic('host'));
  });

  for (const value of ['', ' \n', '{}', 'null', '{"auths":null}', '{"auths":{"r.io":null}}']) {
    it(`leaves the rest to the file where it is ${JSON.stringify(value)}`, async () => {
      await home.writeConfig({ auths: { 'r.io': entry('file') } });
      assert.deepEqual(await storeWith(value).get('r.io'), basic('file'));
    });
  }

  const broken: readonly [what: string, value: unknown, reason: RegExp][] = [
    ['not JSON', '{"auths": hunter2', /it is not JSON/],
    ['two documents', '{"auths":{}}{}', /it is not JSON/],
    ['a list', ['hunter2'], /it is not a JSON object/],
    [
      'one with other members, as docker does not take it',
      { ...ofVariable, hunter2: 1 },
      /a member beside "auths"/,
    ],
    [
      'one with an entry that has no auth',
      { auths: { 'r.io': { username: 'u', password: 'hunter2' } } },
      /the entry "r.io" has a member beside "auth"/,
    ],
    ['one with an empty entry', { auths: { 'r.io': {} } }, /"auth" of the entry "r.io" is missing/],
    [
      'one whose auth is no base64',
      { auths: { 'x.io': { auth: 'hunter2!' } } },
      /"auth" of the entry "x.io" is not base64/,
    ],
  ];
  for (const [what, value, reason] of broken) {
    it(`is reported without its text, and the file is read all the same: ${what}`, async () => {
      const store = storeWith(value);
      await home.writeConfig({ auths: { 'r.io': entry('file') } });
      assert.deepEqual(await store.get('r.io'), basic('file'));
      await assert.rejects(store.get('y.io'), (error) => {
        assert.ok(error instanceof CredentialStoreError);
        assert.match(error.message, /^The variable DOCKER_AUTH_CONFIG: /);
        assert.match(error.message, reason);
        return !error.message.includes('hunter2');
      });
    });
  }

  it('is named where it would hide what is stored, and cannot be removed', async () => {
    const store = storeWith(ofVariable);
    await assert.rejects(
      store.set('r.io', basic('new')),
      /DOCKER_AUTH_CONFIG: .*"r\.io".*comes before the docker config/,
    );
    await assert.rejects(home.readConfig(), { code: 'ENOENT' });
    await store.set('x.io', basic('new'));
    await home.writeConfig({ auths: { 'r.io': entry('file'), 'x.io': entry('new') } });
    assert.equal(await store.remove('x.io'), true);
    await assert.rejects(store.remove('r.io'), /DOCKER_AUTH_CONFIG: .*"r\.io".*unset/);
    assert.deepEqual(JSON.parse(await home.readConfig()), { auths: {} });
  });

  it('is not read for Helm, which does not know it', async () => {
    const helm = new HelmConfig({ environment: environmentWith(ofVariable) });
    assert.equal(await helm.get('r.io'), undefined);
  });
});
