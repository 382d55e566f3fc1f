import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ContainersAuth } from '../../src/credentials/containersAuth';
import { Registry } from '../../src/targets/registry/registry';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testCredential, testTransport } from '../support/testTransport';

const run = promisify(execFile);

describe('a login of skopeo', () => {
  const { username, password } = testAccount;
  let skopeo: string;
  let registry: DockerRegistry;
  let home: string;

  before(async function () {
    skopeo = peerOrSkip(this, 'skopeo');
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry({ auth: 'htpasswd' });
  });
  after(() => registry?.stop());

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'skopeo-login-'));
    await mkdir(path.join(home, 'run'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const login = (variables: Record<string, string>, place = registry.host) =>
    run(skopeo, ['login', '--tls-verify=false', '-u', username, '-p', password, place], {
      env: { PATH: process.env['PATH'], HOME: home, ...variables },
    });
  const sourceWith = (variables: Record<string, string>) =>
    new ContainersAuth({ environment: { variables, homeFolder: home, platform: process.platform } });

  const places: [what: string, variables: (folder: string) => Record<string, string>, file: string][] = [
    ['in the runtime folder', (folder) => ({ XDG_RUNTIME_DIR: `${folder}/run` }), 'run/containers/auth.json'],
    [
      'in the file that a variable names',
      (folder) => ({ REGISTRY_AUTH_FILE: `${folder}/my.json` }),
      'my.json',
    ],
  ];
  for (const [what, variablesIn, file] of places) {
    it(`is found ${what}, and the registry takes it`, async function () {
      if (process.platform !== 'linux') this.skip();
      const variables = variablesIn(home);
      assert.equal(await sourceWith(variables).get(registry.host), undefined);
      await login(variables);
      const found = await sourceWith(variables).find(registry.host);
      assert.deepEqual(found, {
        credential: testCredential,
        place: `the entry "${registry.host}" of ${path.join(home, file)}`,
      });
      const transport = testTransport({ credential: found?.credential });
      assert.deepEqual(await new Registry(registry.host, transport).ping(), { access: 'credentials' });
    });
  }

  it('to a part of a registry is used for that part alone', async () => {
    const variables = { REGISTRY_AUTH_FILE: path.join(home, 'auth.json') };
    await login(variables, `${registry.host}/team`);
    const { auths } = JSON.parse(await readFile(variables.REGISTRY_AUTH_FILE, 'utf8')) as { auths: object };
    assert.deepEqual(Object.keys(auths), [`${registry.host}/team`]);
    const source = sourceWith(variables);
    assert.deepEqual(await source.get(registry.host, { repository: 'team/app' }), testCredential);
    assert.equal(await source.get(registry.host, { repository: 'other/app' }), undefined);
    assert.equal(await source.get(registry.host), undefined);
  });
});
