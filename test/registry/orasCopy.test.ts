import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parsePlatform } from '../../src/oci/platform';
import type { Reader, ReferrerLister, Remover, TagLister, Writer } from '../../src/oci/target';
import { copy } from '../../src/operations/copy';
import { copyTags } from '../../src/operations/copyTags';
import { discover, type ReferrerTree } from '../../src/operations/discover';
import { planDelete } from '../../src/operations/planDelete';
import { OciLayout } from '../../src/targets/layout/ociLayout';
import { Registry } from '../../src/targets/registry/registry';
import { collect } from '../support/artifacts';
import { startDockerRegistry } from '../support/dockerRegistry';
import { startEmbeddedRegistry } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';
import { testTransport, type TestTransport } from '../support/testTransport';

const run = promisify(execFile);
const TYPE = 'application/vnd.example.thing';

const servers = {
  'docker-registry, which has no referrers API': () => startDockerRegistry({ deleteEnabled: true }),
  'the embedded registry, which has it': () => startEmbeddedRegistry(),
};

type Everything = Reader & Writer & TagLister & ReferrerLister & Remover;

for (const [name, start] of Object.entries(servers)) {
  describe(`Copying beside the real oras, by way of ${name}`, function () {
    this.timeout(60_000);
    let oras: string;
    let scratch: string;
    let transport: TestTransport;
    let server: { readonly host: string; stop(): Promise<void> };
    let source: Everything;

    before(async function () {
      oras = peerOrSkip(this, 'oras');
      if (name.startsWith('docker')) peerOrSkip(this, 'docker-registry');
      scratch = await mkdtemp(path.join(tmpdir(), 'oras-copy-'));
      server = await start();
      transport = testTransport();
      source = repository('team/from');
      await writeFile(path.join(scratch, 'a.txt'), 'first');
      await writeFile(path.join(scratch, 'b.txt'), 'second');
      await writeFile(path.join(scratch, 'big.bin'), Buffer.alloc(9_000_000, 'pattern'));
      await fillSource();
    });

    after(async () => {
      await server?.stop();
      if (scratch) await rm(scratch, { recursive: true, force: true });
    });

    const repository = (repositoryName: string) =>
      new Registry(server.host, transport).repository(repositoryName);
    const inRegistry = (place: string) => `${server.host}/team/${place}`;
    const orasRun = (...args: readonly string[]) => run(oras, args, { cwd: scratch });

    /** An index of two images; an SBOM on one of them, a signature on the SBOM, a note on the index. */
    async function fillSource(): Promise<void> {
      const plain = '--plain-http';
      const image = ['push', plain, '--image-spec', 'v1.0', '--artifact-platform'];
      await orasRun(...image, 'linux/amd64', inRegistry('from:amd'), 'a.txt', 'big.bin');
      await orasRun(...image, 'linux/arm64', inRegistry('from:arm'), 'b.txt');
      await orasRun('manifest', 'index', 'create', plain, inRegistry('from:multi'), 'amd', 'arm');
      const attach = async (to: string, type: string, ...rest: string[]) => {
        const args = ['attach', plain, '--format', 'json', '--artifact-type', type, to, ...rest];
        return (JSON.parse((await orasRun(...args)).stdout) as { digest: string }).digest;
      };
      const sbom = await attach(inRegistry('from:arm'), 'example/sbom', 'a.txt');
      await attach(inRegistry(`from@${sbom}`), 'example/signature', '-a', 'a=b');
      await attach(inRegistry('from:multi'), 'example/note', '-a', 'a=b');
    }

    const treeOf = (tree: ReferrerTree): unknown => [
      tree.descriptor.digest,
      tree.descriptor.artifactType,
      tree.referrers.map(treeOf),
    ];

    interface OrasTree {
      readonly digest: string;
      readonly artifactType?: string;
      readonly referrers?: readonly OrasTree[];
    }
    const orasTreeOf = ({ digest, artifactType, referrers = [] }: OrasTree): unknown => [
      digest,
      artifactType,
      referrers.map(orasTreeOf),
    ];

    const orasDiscover = async (place: string, ...args: readonly string[]) => {
      const { stdout } = await orasRun('discover', '--plain-http', '--format', 'json', ...args, place);
      const { digest, referrers = [] } = JSON.parse(stdout) as OrasTree;
      return [digest, undefined, referrers.map(orasTreeOf)];
    };

    it('discovers the tree that oras discovers', async () => {
      for (const [tag, args, options] of [
        ['arm', [], {}],
        ['multi', [], {}],
        ['multi', ['--platform', 'linux/arm64'], { platform: { os: 'linux', architecture: 'arm64' } }],
        ['arm', ['--artifact-type', 'example/sbom'], { artifactType: 'example/sbom' }],
        ['arm', ['--artifact-type', 'example/none'], { artifactType: 'example/none' }],
        ['arm', ['--depth', '1'], { depth: 1 }],
      ] as const) {
        const { root } = await discover(source, tag, options);
        const ours = [root.descriptor.digest, undefined, root.referrers.map(treeOf)];
        assert.deepEqual(ours, await orasDiscover(inRegistry(`from:${tag}`), ...args));
      }
    });

    it('takes along the referrers of an index and of its children, as oras cp -r does', async () => {
      await copy(source, repository('team/ours'), 'multi', { tags: ['multi', 'arm'], referrers: true });
      await orasRun(
        'cp',
        '-r',
        '--from-plain-http',
        '--to-plain-http',
        inRegistry('from:multi'),
        inRegistry('theirs:multi'),
      );
      const { digest } = await source.resolve('arm');
      for (const reference of ['multi', digest]) {
        const expected = treeOf((await discover(source, reference)).root);
        assert.deepEqual(treeOf((await discover(repository('team/ours'), reference)).root), expected);
        assert.deepEqual(treeOf((await discover(repository('team/theirs'), reference)).root), expected);
      }
    });

    it('copies tags side by side that share an index, its children and what refers to them', async () => {
      const target = repository('team/all');
      const tags = ['multi', 'arm', 'multi', 'arm'];
      const { tags: copied } = await copyTags(source, target, { tags, referrers: true, concurrency: 5 });
      assert.deepEqual(
        copied.map(({ tag }) => tag),
        tags,
      );
      for (const { tag, root } of copied) {
        assert.deepEqual([await target.resolve(tag), await source.resolve(tag)], [root, root]);
        const expected = treeOf((await discover(source, tag)).root);
        assert.deepEqual(treeOf((await discover(target, tag)).root), expected);
      }
    });

    it('copies into a layout and back what oras reads in both', async () => {
      const layout = new OciLayout(path.join(scratch, 'layout'));
      await copy(source, layout, 'multi', { tags: ['multi'], referrers: true });
      const back = repository('team/back');
      await copy(layout, back, 'multi', { tags: ['again'], referrers: true });
      const fromLayout = await orasRun(
        'discover',
        '--oci-layout',
        '--format',
        'json',
        `${layout.root}:multi`,
      );
      const expected = await orasDiscover(inRegistry('from:multi'));
      const { digest, referrers = [] } = JSON.parse(fromLayout.stdout) as OrasTree;
      assert.deepEqual([digest, undefined, referrers.map(orasTreeOf)], expected);
      assert.deepEqual(await orasDiscover(inRegistry('back:again')), expected);
      const pulled = path.join(scratch, 'pulled');
      await orasRun(
        'pull',
        '--plain-http',
        '--platform',
        'linux/amd64',
        '-o',
        pulled,
        inRegistry('back:again'),
      );
    });

    it('reduces an index to several platforms with the digest of oras cp, and takes their referrers along', async () => {
      await writeFile(path.join(scratch, 'odd.json'), await oddIndex());
      await orasRun('manifest', 'push', '--plain-http', inRegistry('from:odd'), 'odd.json');
      const plain = ['--from-plain-http', '--to-plain-http'];
      for (const [tag, names] of [
        ['multi', 'linux/arm64,linux/amd64'],
        ['odd', 'linux/arm64,linux/amd64'],
        ['odd', 'linux/amd64,linux/arm'],
      ] as const) {
        const platforms = names.split(',').map(parsePlatform);
        const { root } = await copy(source, repository('team/reduced'), tag, {
          platforms,
          tags: [tag],
          referrers: true,
        });
        const [from, to] = [inRegistry(`from:${tag}`), inRegistry(`reduced-by-oras:${tag}`)];
        await orasRun('cp', '-r', ...plain, '--platform', names, from, to);
        assert.equal(root.digest, (await repository('team/reduced-by-oras').resolve(tag)).digest);
        const expected = treeOf((await discover(repository('team/reduced-by-oras'), tag)).root);
        assert.deepEqual(treeOf((await discover(repository('team/reduced'), tag)).root), expected);
      }
      const { digest } = await source.resolve('arm');
      const ofImage = (await discover(repository('team/reduced'), digest)).root.referrers;
      assert.deepEqual(
        ofImage.map(({ descriptor }) => descriptor.artifactType),
        ['example/sbom'],
      );
    });

    /** Members that no specification knows, in no order; variants, and an attestation of one image. */
    async function oddIndex(): Promise<string> {
      const { bytes } = await source.readManifest('multi');
      const { manifests, ...rest } = JSON.parse(Buffer.from(bytes).toString()) as {
        readonly manifests: readonly { readonly digest: string }[];
      };
      const [amd, arm] = manifests;
      const variant = (name: string) => ({ os: 'linux', architecture: 'arm', variant: name });
      const entries = [
        amd,
        { ...arm, platform: variant('v6') },
        { ...arm, annotations: { a: '<&>' } },
        { ...amd, platform: variant('v7') },
        { ...amd, platform: undefined, annotations: { 'vnd.docker.reference.digest': amd?.digest } },
        { ...amd, platform: { os: 'linux', architecture: 's390x' } },
      ];
      return `{"odd":{"number": 1.0},${JSON.stringify({ manifests: entries, ...rest, last: [1] }).slice(1)}`;
    }

    it('mounts blobs from the repository beside it, and sends the manifests alone', async () => {
      const result = await copy(source, repository('team/mounted'), 'amd', { tags: ['v1'] });
      assert.ok(result.mountedBytes > 9_000_000);
      assert.equal(result.pushedBytes, result.root.size);
      const uploads = transport.log.filter(
        ({ method, url }) => method === 'PUT' && url.includes('/team/mounted/blobs/'),
      );
      assert.deepEqual(uploads, []);
    });

    it('lists the other tags and the referrers that a delete would take along', async () => {
      const target = repository('team/deleted');
      await copy(source, target, 'arm', { tags: ['one', 'two'], referrers: true });
      await copy(source, target, 'amd', { tags: ['other'] });
      const plan = await planDelete(target, 'one');
      assert.deepEqual([...plan.tags].sort(), ['one', 'two']);
      assert.equal(plan.sawAllTags, true);
      assert.deepEqual(
        plan.referrers.map(({ artifactType }) => artifactType),
        ['example/sbom'],
      );
      assert.equal((await planDelete(target, 'one', { maxTags: 1 })).sawAllTags, false);
      await target.remove(plan.descriptor);
      const left = (await collect(target.tags())).filter((tag) => !tag.startsWith('sha256-'));
      assert.deepEqual(left, ['other']);
    });

    it('copies an artifact with its type, to the same digest', async () => {
      await orasRun('push', '--plain-http', '--artifact-type', TYPE, inRegistry('typed:v1'), 'a.txt');
      const result = await copy(repository('team/typed'), repository('team/typed-copy'), 'v1', {
        tags: ['v1'],
      });
      const { stdout } = await orasRun('resolve', '--plain-http', inRegistry('typed-copy:v1'));
      assert.equal(stdout.trim(), result.root.digest);
    });
  });
}
