import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import { HelmConfig } from '../../src/credentials/helmConfig';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testCredential } from '../support/testTransport';

const run = promisify(execFile);

describe('logins shared with helm', () => {
  const { username, password } = testAccount;
  let helm: string;
  let registry: DockerRegistry;
  let home: string;
  let variables: Record<string, string>;

  before(async function () {
    helm = peerOrSkip(this, 'helm');
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry({ auth: 'htpasswd' });
  });
  after(() => registry?.stop());

  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'helm-login-'));
    variables = { DOCKER_CONFIG: path.join(home, 'docker'), HELM_CONFIG_HOME: path.join(home, 'helm') };
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const helmRuns = (...args: string[]) =>
    run(helm, args, { cwd: home, env: { PATH: process.env['PATH'], HOME: home, ...variables } });
  const options = () => ({ environment: { variables, homeFolder: home, platform: process.platform } });
  const pushChart = async () => {
    await helmRuns('package', 'chart');
    await helmRuns('push', '--plain-http', 'chart-1.0.0.tgz', `oci://${registry.host}/charts`);
  };

  beforeEach(async () => {
    await mkdir(path.join(home, 'chart'));
    await writeFile(path.join(home, 'chart/Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 1.0.0\n');
  });

  it('are ours to use when helm wrote them', async () => {
    const login = ['registry', 'login', '--plain-http', '-u', username, '-p', password, registry.host];
    await helmRuns(...login);
    assert.deepEqual(await new HelmConfig(options()).get(registry.host), testCredential);
    variables = { ...variables, HELM_REGISTRY_CONFIG: path.join(home, 'docker/config.json') };
    await helmRuns(...login);
    assert.deepEqual(await new DockerConfigStore(options()).get(registry.host), testCredential);
  });

  it("are helm's to use when we wrote the docker config", async () => {
    await assert.rejects(pushChart(), /401|unauthorized|credential/i);
    await new DockerConfigStore(options()).set(registry.host, testCredential);
    await pushChart();
  });

  it('are left as they are by each other, unknown members too', async () => {
    const file = path.join(home, 'docker/config.json');
    variables = { ...variables, HELM_REGISTRY_CONFIG: file };
    await mkdir(path.dirname(file));
    await writeFile(
      file,
      '{\n\t"auths": {\n\t\t"z.io": {}\n\t},\n\t"big": 12345678901234567890,\n\t"real": 1.0\n}',
    );
    const store = new DockerConfigStore(options());
    await store.set(registry.host, testCredential);
    const ours = await readFile(file, 'utf8');
    assert.match(ours, /12345678901234567890,\n\t"real": 1\.0/);
    await helmRuns('registry', 'login', '--plain-http', '-u', username, '-p', password, registry.host);
    assert.equal(await readFile(file, 'utf8'), ours);
    await helmRuns('registry', 'logout', registry.host);
    assert.equal(await store.get(registry.host), undefined);
  });
});
