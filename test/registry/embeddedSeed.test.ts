import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { seedAll } from '../../scripts/samples/artifacts/seedAll';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { collect } from '../support/artifacts';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';

const run = promisify(execFile);
const REPOSITORIES = ['charts/podinfo-lite', 'demo/hello', 'demo/policies', 'images/tiny'];

describe('The sample artifacts', function () {
  this.timeout(60_000);
  let registry: EmbeddedRegistry;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'oci-seed-'));
    registry = await startEmbeddedRegistry();
    await seedAll(registry.host);
  });
  after(async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const layout = (repository: string) => new OciLayout(path.join(registry.root, repository));
  const indexOf = (repository: string) =>
    readFile(path.join(registry.root, repository, 'index.json'), 'utf8');

  it('are the same, byte for byte, when they are made again', async () => {
    const before = await Promise.all(REPOSITORIES.map(indexOf));
    await seedAll(registry.host);
    assert.deepEqual(await Promise.all(REPOSITORIES.map(indexOf)), before);
  });

  it('have their tags', async () => {
    const tags = await Promise.all(REPOSITORIES.map((name) => collect(layout(name).tags())));
    assert.deepEqual(tags, [
      ['0.1.0', '0.2.0'],
      ['1.0.0', 'latest'],
      ['1.0.0', '1.1.0', 'latest'],
      ['1.0.0', 'latest'],
    ]);
  });

  it('hold an image with an SBOM and a signature attached, which is marked as a sample', async () => {
    const image = layout('images/tiny');
    const attached = await collect(image.referrers(await image.resolve('1.0.0')));
    assert.deepEqual(attached.map(({ artifactType }) => artifactType).sort(), [
      'application/spdx+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
    ]);
    const signature = attached.find(({ artifactType }) => artifactType?.includes('sigstore'));
    assert.match(
      signature?.annotations?.['org.opencontainers.image.description'] ?? '',
      /cannot be verified/,
    );
  });

  it('are pulled by oras: files by their titles, a folder unpacked', async function () {
    const oras = peerOrSkip(this, 'oras');
    for (const reference of ['demo/hello:1.0.0', 'demo/policies:latest']) {
      await run(oras, ['pull', '--plain-http', '-o', folder, `${registry.host}/${reference}`]);
    }
    assert.match(await readFile(path.join(folder, 'hello.txt'), 'utf8'), /^Hello/);
    assert.match(
      await readFile(path.join(folder, 'policies/limits/memory.rego'), 'utf8'),
      /^package admission/,
    );
  });

  for (const architecture of ['amd64', 'arm64']) {
    it(`are an image to skopeo, for ${architecture}`, async function () {
      const skopeo = peerOrSkip(this, 'skopeo');
      const from = ['--override-arch', architecture, 'copy', '--src-tls-verify=false'];
      const to = `oci:${path.join(folder, architecture)}:1`;
      const image = `docker://${registry.host}/images/tiny:1.0.0`;
      await run(skopeo, ['--insecure-policy', ...from, image, to]);
      const { stdout } = await run(skopeo, ['--override-arch', architecture, 'inspect', to]);
      assert.equal((JSON.parse(stdout) as { Architecture: string }).Architecture, architecture);
    });
  }
});
