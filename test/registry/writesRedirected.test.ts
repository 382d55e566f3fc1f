import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { SignInRequiredError } from '../../src/oci/errors';
import { parseManifest } from '../../src/oci/manifest';
import { attach } from '../../src/operations/attach';
import { copy } from '../../src/operations/copy';
import { push } from '../../src/operations/push';
import { LocalFiles } from '../../src/targets/folder/localFiles';
import { Registry } from '../../src/targets/registry/registry';
import { UploadWays, type UploadWaysOptions } from '../../src/targets/registry/uploadWays';
import { makeCertificates } from '../support/certificates';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { startRedirectingProxy, type RedirectingProxy } from '../support/redirectingProxy';
import { startScriptedServer } from '../support/scriptedServer';
import { testCredential, testTransport } from '../support/testTransport';

const MIB = 1024 * 1024;
const content = randomBytes(9 * MIB);

describe('A registry that leads writes elsewhere on its own origin', function () {
  this.timeout(60_000);
  let registry: Awaited<ReturnType<typeof startEmbeddedRegistry>>;
  let proxy: RedirectingProxy;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'oci-redirected-'));
    await writeFile(path.join(folder, 'large.bin'), content);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => (registry = await startEmbeddedRegistry()));
  afterEach(async () => {
    await proxy?.stop();
    await registry.stop();
  });

  const repository = (name: string, ways: UploadWaysOptions = {}) =>
    new Registry(proxy.host, testTransport(), { uploads: new UploadWays(ways) }).repository(name);
  const files = () => [{ path: path.join(folder, 'large.bin'), title: 'large.bin' }];
  const ways: readonly (readonly [string, UploadWaysOptions, number])[] = [
    ['in one body', {}, 10 * MIB],
    ['in chunks', { limitBytes: () => 4 * MIB }, 10 * MIB],
    ['while it is read', {}, MIB],
  ];

  for (const status of [307, 308])
    for (const [how, way, earlyBytes] of ways)
      it(`takes a push ${how} (${status})`, async () => {
        proxy = await startRedirectingProxy(registry.host, status);
        const target = repository('x', way);
        const { manifest } = await push(new LocalFiles(), target, {
          files: files(),
          tags: ['v1'],
          earlyBytes,
        });
        const [layer] = parseManifest(manifest.bytes).layers;
        assert.ok(layer && content.equals(await buffer(await target.fetch(layer))));
        assert.ok(proxy.redirected.includes('POST') && proxy.redirected.includes('PUT'));
      });

  it('takes an attachment, a mount, a tag and their removal', async () => {
    proxy = await startRedirectingProxy(registry.host, 307);
    await push(new LocalFiles(), repository('x'), { files: files(), tags: ['v1'] });
    const note = { files: [], artifactType: 'a/note', annotations: { a: 'b' } };
    const { descriptor } = await attach(new LocalFiles(), repository('x'), 'v1', note);
    const { mountedBytes } = await copy(repository('x'), repository('y'), 'v1', {
      tags: ['v1'],
      referrers: true,
    });
    assert.ok(mountedBytes > content.length);
    await repository('y').remove(descriptor);
    await repository('y').untag('v1');
    await assert.rejects(repository('y').resolve('v1'), { name: 'NotFoundError' });
    assert.ok(proxy.redirected.includes('DELETE'));
  });
});

describe('A registry that leads from http to https', function () {
  this.timeout(60_000);
  before(function () {
    peerOrSkip(this, 'docker-registry');
  });

  it('keeps the credential on the same host name, for reads and writes', async () => {
    const tls = await makeCertificates();
    const registry = await startDockerRegistry({ auth: 'htpasswd', tls });
    const plain = await startScriptedServer(
      ({ line }) => ({ status: 308, headers: { Location: `https://${registry.host}${line.split(' ')[1]}` } }),
      '127.0.0.2',
    );
    const folder = await mkdtemp(path.join(tmpdir(), 'oci-upgrade-'));
    try {
      await writeFile(path.join(folder, 'f'), 'hello');
      const client = (credential?: typeof testCredential) =>
        new Registry(plain.host, testTransport({ endpoint: { ca: tls.ca }, credential })).repository(
          'team/x',
        );
      const pushed = (target: ReturnType<typeof client>) =>
        push(new LocalFiles(), target, {
          files: [{ path: path.join(folder, 'f'), title: 'f' }],
          tags: ['v1'],
        });
      const { descriptor } = await pushed(client(testCredential));
      assert.equal((await client(testCredential).resolve('v1')).digest, descriptor.digest);
      await assert.rejects(pushed(client()), SignInRequiredError);
    } finally {
      await plain.stop();
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
