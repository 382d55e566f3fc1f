import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CredentialChain } from '../../src/credentials/credentialChain';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import type { Credential } from '../../src/oci/credential';
import { Registry } from '../../src/targets/registry/registry';
import { pushArtifact, textBlob } from '../support/artifacts';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import { testCredential, testTransport } from '../support/testTransport';
import { startTokenIssuer, type TokenIssuer } from '../support/tokenIssuer';

const run = promisify(execFile);

describe('a docker config shared with oras', () => {
  const { username, password } = testAccount;
  const credential: Credential = { kind: 'basic', username, password };
  let oras: string;
  let registry: DockerRegistry;
  let folder: string;
  let config: string;

  before(async function () {
    oras = peerOrSkip(this, 'oras');
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry({ auth: 'htpasswd' });
  });
  after(() => registry?.stop());

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'shared-config-'));
    config = path.join(folder, 'config.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  function storeOf(file: string): DockerConfigStore {
    const environment = { variables: {}, homeFolder: folder, platform: process.platform };
    return new DockerConfigStore({ environment }, file);
  }

  async function orasLogin(file: string, secret: readonly string[] = ['-u', username, '-p', password]) {
    await run(oras, ['login', '--plain-http', '--registry-config', file, ...secret, registry.host]);
  }

  const orasLogout = (file: string) => run(oras, ['logout', '--registry-config', file, registry.host]);
  const orasLists = (file: string) =>
    run(oras, ['repo', 'ls', '--plain-http', '--registry-config', file, registry.host]);

  it('reads a login that oras wrote', async () => {
    await orasLogin(config);
    assert.deepEqual(await storeOf(config).get(registry.host), credential);
  });

  it('writes a login that oras uses', async () => {
    await assert.rejects(orasLists(config), /401|unauthorized|basic credential not found/i);
    await storeOf(config).set(registry.host, credential);
    await orasLists(config);
  });

  it('removes a login that oras wrote', async () => {
    await orasLogin(config);
    assert.equal(await storeOf(config).remove(registry.host), true);
    assert.deepEqual(JSON.parse(await readFile(config, 'utf8')), { auths: {} });
    await assert.rejects(orasLists(config));
  });

  it('sees a login of its own gone when oras logs out', async () => {
    await storeOf(config).set(registry.host, credential);
    await orasLogout(config);
    assert.equal(await storeOf(config).get(registry.host), undefined);
  });

  const befores: [what: string, content: string | undefined][] = [
    ['without a file', undefined],
    ['beside unknown members', '{\n\t"auths": {},\n\t"big": 12345678901234567890,\n\t"real": 1.0\n}'],
    ['without a list of entries', '{\n\t"big": 12345678901234567890\n}'],
    ['between entries', '{\n\t"auths": {\n\t\t"0.io": {},\n\t\t"z.io": {}\n\t}\n}'],
    ['over an entry', '{\n\t"auths": {\n\t\t"HOST": {\n\t\t\t"auth": "dTpw"\n\t\t}\n\t}\n}'],
  ];
  for (const [what, content] of befores) {
    it(`writes the bytes that oras writes ${what}, in and out`, async () => {
      const theirs = path.join(folder, 'theirs.json');
      const text = content?.replace('HOST', registry.host);
      if (text !== undefined) await Promise.all([config, theirs].map((file) => writeFile(file, text)));
      await storeOf(config).set(registry.host, credential);
      await orasLogin(theirs);
      assert.equal(await readFile(config, 'utf8'), await readFile(theirs, 'utf8'));
      await storeOf(config).remove(registry.host);
      await orasLogout(theirs);
      assert.equal(await readFile(config, 'utf8'), await readFile(theirs, 'utf8'));
    });
  }

  it('shares a helper with oras', async function () {
    if (process.platform === 'win32') this.skip();
    const helper = path.join(folder, 'docker-credential-shared');
    const kept = path.join(folder, 'kept');
    const script = `#!/bin/sh
case "$1" in
  store) cat > '${kept}' ;;
  get) cat > /dev/null; if [ -f '${kept}' ]; then cat '${kept}'; else echo 'credentials not found in native keychain'; exit 1; fi ;;
  erase) rm '${kept}' ;;
esac
`;
    await writeFile(helper, script, { mode: 0o755 });
    const content = JSON.stringify({ credHelpers: { [registry.host]: 'shared' } });
    await writeFile(config, content);
    const variables = { PATH: `${folder}:${process.env['PATH']}` };
    const environment = { variables, homeFolder: folder, platform: process.platform };
    const store = new DockerConfigStore({ environment }, config);
    const env = { ...process.env, ...variables };
    const login = ['login', '--plain-http', '--registry-config', config, '-u', username, '-p', password];

    await store.set(registry.host, credential);
    const ours = await readFile(kept, 'utf8');
    await run(oras, ['repo', 'ls', '--plain-http', '--registry-config', config, registry.host], { env });
    assert.equal(await store.remove(registry.host), true);
    await run(oras, [...login, registry.host], { env });
    assert.equal(await readFile(kept, 'utf8'), ours);
    assert.deepEqual(await store.get(registry.host), credential);
    assert.equal(await readFile(config, 'utf8'), content);
  });
});

describe('a credential helper for all registries that is broken', () => {
  let folder: string;
  let issuer: TokenIssuer;
  let registry: DockerRegistry;

  before(async function () {
    this.timeout(30_000);
    if (process.platform === 'win32') this.skip();
    peerOrSkip(this, 'docker-registry');
    issuer = await startTokenIssuer();
    registry = await startDockerRegistry({ auth: issuer });
    const owner = new Registry(registry.host, testTransport({ credential: testCredential }));
    await pushArtifact(owner.repository('public/app'), [textBlob('app')]).then((pushed) =>
      owner.repository('public/app').tag(pushed, 'v1'),
    );
  });
  after(async () => {
    await registry?.stop();
    await issuer?.stop();
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'broken-helper-'));
    await writeFile(path.join(folder, 'docker-credential-hangs'), '#!/bin/sh\nsleep 60\n', { mode: 0o755 });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const [what, name, reason] of [
    ['missing', 'missing', /docker-credential-missing: it is not installed/],
    ['hanging', 'hangs', /docker-credential-hangs: "get" failed: it did not answer within 0\.2 s/],
  ] as const) {
    for (const config of [{ credsStore: name }, { credHelpers: { HOST: name } }]) {
      const member = Object.keys(config).join();
      it(`does not keep from what anyone may pull, and is named where a sign-in is needed: ${what}, ${member}`, async () => {
        const file = path.join(folder, 'config.json');
        await writeFile(file, JSON.stringify(config).replace('HOST', registry.host));
        const environment = { variables: { PATH: `${folder}:/usr/bin:/bin` }, homeFolder: folder };
        const store = new DockerConfigStore(
          { environment: { ...environment, platform: process.platform }, timeLimitMs: 200 },
          file,
        );
        const told: string[] = [];
        const transport = testTransport({
          credentials: new CredentialChain([store]),
          onCredentialFailure: (_host, error) => told.push(error.message),
        });
        const registryTarget = new Registry(registry.host, transport);
        await registryTarget.repository('public/app').resolve('v1');
        assert.match(told.join(), reason);
        await assert.rejects(registryTarget.repository('private/app').resolve('v1'), reason);
        await assert.rejects(pushArtifact(registryTarget.repository('public/app'), [textBlob('x')]), reason);
      });
    }
  }
});
