import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from '../../src/oci/digest';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';

const run = promisify(execFile);

interface Tree {
  readonly referrers?: readonly (Tree & { readonly artifactType: string })[];
}

describe('The embedded registry and the tools of others', function () {
  this.timeout(60_000);
  let registry: EmbeddedRegistry;
  let folder: string;
  let oras: (...parameters: string[]) => Promise<string>;
  let skopeo: (...parameters: string[]) => Promise<string>;

  before(async function () {
    const [orasProgram, skopeoProgram] = [peerOrSkip(this, 'oras'), peerOrSkip(this, 'skopeo')];
    oras = async (...parameters) => (await run(orasProgram, parameters, { cwd: folder })).stdout;
    skopeo = async (...parameters) =>
      (await run(skopeoProgram, ['--insecure-policy', ...parameters], { cwd: folder })).stdout;
    folder = await mkdtemp(path.join(tmpdir(), 'oci-peers-'));
    registry = await startEmbeddedRegistry();
    await writeFile(path.join(folder, 'hello.txt'), 'hello\n');
    await mkdir(path.join(folder, 'docs'));
    await writeFile(path.join(folder, 'docs/guide.md'), '# Guide\n');
    await oras('push', '--plain-http', `${registry.host}/demo/app:1.0,latest`, 'hello.txt', 'docs');
  });
  after(async () => {
    await registry?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const pulled = async (name: string) => ({
    hello: await readFile(path.join(folder, name, 'hello.txt'), 'utf8'),
    guide: await readFile(path.join(folder, name, 'docs/guide.md'), 'utf8'),
  });
  const expected = { hello: 'hello\n', guide: '# Guide\n' };

  it('oras pulls what it pushed', async () => {
    await oras('pull', '--plain-http', `${registry.host}/demo/app:1.0`, '-o', 'over-http');
    assert.deepEqual(await pulled('over-http'), expected);
  });

  it('oras lists repositories and tags', async () => {
    assert.equal(await oras('repo', 'ls', '--plain-http', registry.host), 'demo/app\n');
    assert.equal(await oras('repo', 'tags', '--plain-http', `${registry.host}/demo/app`), '1.0\nlatest\n');
  });

  it('oras attaches, and discovers what it attached', async () => {
    const reference = `${registry.host}/demo/app:1.0`;
    const attach = ['attach', '--plain-http', '--artifact-type', 'x/note', reference, 'hello.txt'];
    const attached = JSON.parse(await oras(...attach, '--format', 'json')) as { reference: string };
    await oras('attach', '--plain-http', '--artifact-type', 'x/reply', attached.reference, '-a', 'a=b');
    const tree = JSON.parse(await oras('discover', '--plain-http', '--format', 'json', reference)) as Tree;
    assert.deepEqual(
      tree.referrers?.map(({ artifactType }) => artifactType),
      ['x/note'],
    );
    assert.equal(tree.referrers?.[0]?.referrers?.[0]?.artifactType, 'x/reply');
    const tags = await oras('repo', 'tags', '--plain-http', `${registry.host}/demo/app`);
    assert.equal(tags, '1.0\nlatest\n', 'no tag was needed for the referrers');
  });

  it('oras copies with referrers to another repository, blobs mounted', async () => {
    const to = `${registry.host}/demo/copied:1.0`;
    await oras('cp', '-r', '--from-plain-http', '--to-plain-http', `${registry.host}/demo/app:1.0`, to);
    await oras('pull', '--plain-http', to, '-o', 'copied');
    assert.deepEqual(await pulled('copied'), expected);
    const tree = JSON.parse(await oras('discover', '--plain-http', '--format', 'json', to)) as Tree;
    assert.equal(tree.referrers?.length, 1);
  });

  it('oras deletes a manifest, and its tags go', async () => {
    const reference = `${registry.host}/demo/short-lived`;
    await oras('push', '--plain-http', `${reference}:a,b`, 'hello.txt');
    await oras('manifest', 'delete', '--plain-http', '--force', `${reference}:a`);
    assert.equal(await oras('repo', 'tags', '--plain-http', reference), '');
  });

  it('oras pulls from the folder as an OCI layout', async () => {
    const layout = `${path.join(registry.root, 'demo/app')}:1.0`;
    await oras('pull', '--oci-layout', layout, '-o', 'from-layout');
    assert.deepEqual(await pulled('from-layout'), expected);
  });

  it('what oras pushes into the folder is in the registry at once', async () => {
    await oras('push', '--oci-layout', `${path.join(registry.root, 'demo/app')}:by-hand`, 'hello.txt');
    await oras('pull', '--plain-http', `${registry.host}/demo/app:by-hand`, '-o', 'by-hand');
    assert.equal(await readFile(path.join(folder, 'by-hand/hello.txt'), 'utf8'), 'hello\n');
  });

  it('skopeo copies an image to it, and out of it again', async () => {
    const image = await writeImage(path.join(folder, 'image'));
    const remote = `docker://${registry.host}/images/tiny:1`;
    await skopeo('copy', '--dest-tls-verify=false', `oci:${image}:1`, remote);
    const facts = JSON.parse(await skopeo('inspect', '--tls-verify=false', remote)) as { Digest: string };
    await skopeo('copy', '--src-tls-verify=false', remote, 'oci:back:1');
    const back = JSON.parse(await skopeo('inspect', 'oci:back:1')) as { Digest: string };
    assert.equal(back.Digest, facts.Digest);
  });

  it('skopeo reads the folder as an OCI layout', async () => {
    const layout = `oci:${path.join(registry.root, 'images/tiny')}:1`;
    const facts = JSON.parse(await skopeo('inspect', layout)) as { Architecture: string };
    assert.equal(facts.Architecture, 'amd64');
    await skopeo('copy', layout, 'oci:from-layout-by-skopeo:1');
  });

  /** The smallest image that skopeo takes: one layer, as an OCI layout that oras writes. */
  async function writeImage(layout: string): Promise<string> {
    await run('tar', ['-cf', 'layer.tar', 'hello.txt'], { cwd: folder });
    const config = {
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [digestOf(await readFile(path.join(folder, 'layer.tar')))] },
    };
    await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
    const type = 'application/vnd.oci.image.config.v1+json';
    const layer = 'layer.tar:application/vnd.oci.image.layer.v1.tar';
    await oras('push', '--oci-layout', `${layout}:1`, '--config', `config.json:${type}`, layer);
    return layout;
  }
});
