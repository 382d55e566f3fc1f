import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { amazon, type Amazon } from '../../src/clouds/amazon/amazon';
import type { EcrSettings } from '../../src/clouds/amazon/awsSessions';
import { awsLoader } from '../../src/clouds/amazon/loadAws';
import { CredentialChain } from '../../src/credentials/credentialChain';
import { DockerConfigStore } from '../../src/credentials/dockerConfigStore';
import type { Credential } from '../../src/oci/credential';
import { InvalidContentError, NotFoundError, RegistryError, SignInRequiredError } from '../../src/oci/errors';
import { parseManifest } from '../../src/oci/manifest';
import { CreatedOnDemand } from '../../src/operations/createdOnDemand';
import { push } from '../../src/operations/push';
import { WithoutEmptyFiles } from '../../src/operations/withoutEmptyFiles';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { providerFor } from '../../src/targets/registry/providers';
import { Registry } from '../../src/targets/registry/registry';
import { systemClock } from '../../src/transport/clock';
import { createTransport } from '../../src/transport/createTransport';
import type { RequestLogEntry } from '../../src/transport/transport';
import { collect, sourceOf, textBlob } from '../support/artifacts';
import { awsProgram } from '../support/awsProgram';
import { enterAwsHome, type AwsHome } from '../support/awsHome';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEcr, type Ecr } from '../support/ecr';
import { motoRegion } from '../support/motoServer';
import { peerOrSkip } from '../support/peers';

/**
 * AWS's API is moto's, the content lies in docker-registry, which takes exactly the password that moto gives out.
 * AWS itself was not reached.
 */
describe('Amazon ECR, with moto in front of docker-registry', function () {
  this.timeout(90_000);
  let ecr: Ecr;
  let home: AwsHome;
  let folder: string;
  const settings = new Map<string, EcrSettings>();
  const bare: EcrSettings = { kind: 'amazonEcr', awsRegion: motoRegion };

  before(async function () {
    peerOrSkip(this, 'docker-registry');
    peerOrSkip(this, 'moto');
    ecr = await startEcr();
    folder = await mkdtemp(path.join(tmpdir(), 'ecr-test-'));
  });
  after(async () => {
    await ecr?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    home = await enterAwsHome();
    home.set({ AWS_ENDPOINT_URL: ecr.moto.url });
    await home.write('config', `[profile work]\nregion = ${motoRegion}\n`);
    await home.write('credentials', '[work]\naws_access_key_id = AKIATEST\naws_secret_access_key = secret\n');
    settings.clear();
    settings.set(ecr.host, bare);
  });
  afterEach(() => home.leave());

  const methods: string[] = [];
  const plain = {
    endpointFor: async (host: string) => ({ host, plainHttp: true, insecure: false }),
    log: ({ method }: RequestLogEntry) => methods.push(method),
    userAgent: 'oci-artifacts-test',
  };

  /** The extension's wiring, with the profile chosen by `choose`. */
  function open(choose = 'work'): { aws: Amazon; registry: Registry } {
    const newTransport = (credentialFor: () => Promise<Credential | undefined>) =>
      createTransport({ ...plain, credentials: { credentialFor } });
    const aws = amazon({
      load: awsLoader(awsProgram),
      settingsOf: (host) => settings.get(host) ?? {},
      clock: systemClock,
      choose: async (_host, profiles) => profiles.find((name) => name === choose),
      ping: (host, credential) =>
        new Registry(
          host,
          newTransport(async () => credential),
        ).ping(),
      remember: async (host, awsProfile) =>
        void settings.set(host, { ...bare, ...(awsProfile !== undefined && { awsProfile }) }),
    });
    const chain = new CredentialChain([aws.credentials]);
    const transport = newTransport(() => chain.credentialFor(ecr.host));
    const provider = providerFor(ecr.host, 'amazonEcr', aws.providers);
    return { aws, registry: new Registry(ecr.host, transport, { provider }) };
  }

  async function signIn(): Promise<Registry> {
    const { aws, registry: opened } = open();
    await aws.ways[0]?.signIn(ecr.host);
    return opened;
  }

  async function file(name: string, text: string | Uint8Array) {
    await writeFile(path.join(folder, name), text);
    return { path: path.join(folder, name), title: name };
  }

  it('signs in with a profile, creates, pushes, lists, pulls, and deletes the repository', async () => {
    const { aws, registry: opened } = open();
    const [way] = aws.ways;
    assert.equal(way?.matches(ecr.host), true);
    await assert.rejects(opened.ping(), SignInRequiredError);
    assert.equal(await way.signIn(ecr.host), 'the AWS profile "work"');
    assert.equal(settings.get(ecr.host)?.awsProfile, 'work');
    assert.deepEqual(await opened.ping(), { access: 'credentials' });

    await opened.createRepository('flow/app');
    assert.deepEqual(await collect(opened.repositories()), ['flow/app']);
    const target = opened.repository('flow/app');
    const files = [await file('hello.txt', 'hello')];
    const { descriptor } = await push(new LocalFiles(), target, { files, tags: ['v1'] });
    assert.deepEqual(await collect(target.tags()), ['v1']);
    const { bytes } = await target.readManifest('v1');
    const [layer] = parseManifest(bytes).layers;
    assert.ok(layer);
    assert.equal((await buffer(await target.fetch(layer))).toString(), 'hello');
    assert.equal((await target.resolve('v1')).digest, descriptor.digest);

    await opened.removeRepository('flow/app');
    assert.deepEqual(await collect(opened.repositories()), []);
    await assert.rejects(target.resolve('v1'), NotFoundError);
    await assert.rejects(opened.removeRepository('flow/app'), /The repository 127.*flow\/app was not found/);
  });

  it('keeps a profile out of force that the registry does not take', async () => {
    const other = await startDockerRegistry({ auth: 'htpasswd' });
    settings.set(other.host, bare);
    try {
      const { aws } = open();
      await assert.rejects(async () => aws.ways[0]?.signIn(other.host), SignInRequiredError);
      assert.equal(settings.get(other.host)?.awsProfile, undefined);
    } finally {
      await other.stop();
    }
  });

  it('keeps a profile without keys out of force', async () => {
    await home.write('credentials', '[work]\nother = 1\n');
    const { aws } = open();
    await assert.rejects(async () => aws.ways[0]?.signIn(ecr.host), /AWS profile "work"/);
    assert.equal(settings.get(ecr.host)?.awsProfile, undefined);
  });

  it('signs in by docker-credential-ecr-login, which the docker config names', async function () {
    const helper = peerOrSkip(this, 'docker-credential-ecr-login');
    const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    const config = path.join(home.folder, 'config.json');
    await writeFile(config, JSON.stringify({ credHelpers: { [host]: 'ecr-login' } }));
    home.set({ PATH: path.dirname(helper), AWS_PROFILE: 'work' });
    const environment = { variables: process.env, homeFolder: home.folder, platform: process.platform };
    const credential = await new DockerConfigStore({ environment }, config).get(host);
    assert.deepEqual(credential, { kind: 'basic', ...ecr.account });
    const provider = { credentialFor: async () => credential };
    const transport = createTransport({ ...plain, credentials: provider });
    assert.deepEqual(await new Registry(ecr.host, transport).ping(), { access: 'credentials' });
  });

  it('forgets the profile when it signs out', async () => {
    const { aws } = open();
    const [way] = aws.ways;
    await way?.signIn(ecr.host);
    assert.equal(await way?.signedInBy?.(ecr.host), 'the AWS profile "work"');
    await way?.signOut?.(ecr.host);
    assert.equal(await way?.signedInBy?.(ecr.host), undefined);
    assert.equal(aws.credentials.isChosen?.(ecr.host), false);
  });

  it('signs in by the environment alone, without being asked', async () => {
    home.set({ AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'secret' });
    assert.deepEqual(await open().registry.ping(), { access: 'credentials' });
  });

  it('creates the repository in the midst of a push, once, after a yes', async () => {
    const opened = await signIn();
    let questions = 0;
    const target = new CreatedOnDemand(opened.repository('asked/yes'), async () => {
      questions++;
      await opened.createRepository('asked/yes');
      return true;
    });
    const files = [await file('a.txt', 'a'), await file('b.txt', 'b'), await file('c.txt', 'c')];
    await push(new LocalFiles(), target, { files, tags: ['v1'] });
    assert.equal(questions, 1);
    assert.deepEqual(await collect(opened.repository('asked/yes').tags()), ['v1']);
  });

  it('sends a large file to it while it is read', async () => {
    const opened = await signIn();
    const target = new CreatedOnDemand(opened.repository('asked/large'), async () => {
      await opened.createRepository('asked/large');
      return true;
    });
    const files = [await file('large.bin', randomBytes(64 * 1024 * 1024))];
    methods.length = 0;
    await push(new LocalFiles(), target, { files, tags: ['v1'] });
    assert.equal(methods.filter((method) => method === 'PATCH').length, 1);
    assert.deepEqual(await collect(opened.repository('asked/large').tags()), ['v1']);
  });

  it('creates nothing after a no, and says which repository is missing', async () => {
    const opened = await signIn();
    const target = new CreatedOnDemand(opened.repository('asked/no'), async () => false);
    const files = [await file('a.txt', 'a')];
    await assert.rejects(
      push(new LocalFiles(), target, { files, tags: ['v1'] }),
      /NAME_UNKNOWN.*does not exist/,
    );
    assert.ok(!(await collect(opened.repositories())).includes('asked/no'));
  });

  it('takes a repository that is there already for created', async () => {
    const opened = await signIn();
    await opened.createRepository('twice/made');
    await opened.createRepository('twice/made');
    assert.ok((await collect(opened.repositories())).includes('twice/made'));
  });

  it('lists behind a name', async () => {
    const opened = await signIn();
    for (const name of ['list/a', 'list/b', 'list/c']) await opened.createRepository(name);
    const all = await collect(opened.repositories());
    assert.deepEqual(
      await collect(opened.repositories({ last: 'list/a' })),
      all.slice(all.indexOf('list/a') + 1),
    );
  });

  it('names an empty file before anything is sent, since the registry refuses one', async () => {
    const opened = await signIn();
    await opened.createRepository('empty/file');
    const target = opened.repository('empty/file');
    const files = [await file('full.txt', 'full'), await file('nothing.txt', '')];
    const seen = ecr.lines.length;
    await assert.rejects(
      push(new WithoutEmptyFiles(new LocalFiles(), ecr.host), target, { files, tags: ['v1'] }),
      (error) => error instanceof InvalidContentError && /"nothing\.txt".*it is empty/.test(error.message),
    );
    assert.deepEqual(ecr.lines.slice(seen), []);
    const nothing = textBlob('');
    await assert.rejects(target.push(nothing.descriptor, sourceOf(nothing.bytes)), /does not have any parts/);
  });

  it("the seed's `--manifest-config /dev/null:type`: the type is the artifact type, no part is empty", async () => {
    const opened = await signIn();
    await opened.createRepository('seed/config');
    const target = opened.repository('seed/config');
    const artifactType = 'application/vnd.cncf.openpolicyagent.config.v1+json';
    const files = [await file('policy.rego', 'package x')];
    await push(new WithoutEmptyFiles(new LocalFiles(), ecr.host), target, {
      files,
      tags: ['v1'],
      artifactType,
    });
    const manifest = parseManifest((await target.readManifest('v1')).bytes);
    assert.equal(manifest.artifactType, artifactType);
    assert.equal(manifest.config?.size, 2);
    assert.ok(manifest.layers.every(({ size }) => size > 0));
    assert.deepEqual((await buffer(await target.fetch(manifest.config))).toString(), '{}');
  });

  it('asks the catalog where there is a password but no AWS credentials', async () => {
    const credential = { kind: 'basic', ...ecr.account } as const;
    const { aws } = open();
    const provider = { credentialFor: async () => credential };
    const transport = createTransport({ ...plain, credentials: provider });
    const opened = new Registry(ecr.host, transport, {
      provider: providerFor(ecr.host, 'amazonEcr', aws.providers),
    });
    assert.ok((await collect(opened.repositories())).includes('asked/yes'));
    await assert.rejects(
      opened.createRepository('no/keys'),
      /no credentials were found; sign in to .* with an AWS profile/,
    );
  });

  it('passes on what AWS says of a name that it does not take', async () => {
    const opened = await signIn();
    await assert.rejects(opened.createRepository('Not_Good'), (error) => {
      assert.ok(error instanceof RegistryError);
      assert.match(
        error.message,
        /ecr:CreateRepository \(eu-west-1\) answered 400 \(InvalidParameterException/,
      );
      return true;
    });
  });
});
