import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { collectUnused } from '../../src/localRegistry/unusedContent';
import type { ContentFolder } from '../../src/oci/unusedContent';
import { layoutPlace } from '../../src/oci/layoutPlace';
import { ageBlobs, blobsIn } from '../support/agedLayout';
import { buildProgram } from '../support/buildProgram';
import { forkRegistry, type RegistryProcess } from '../support/embeddedRegistry';
import { peerOrSkip } from '../support/peers';

const run = promisify(execFile);
const REPOSITORY = 'unused/app';
const SHARED = 'the same in each artifact';

describe('Removing unused content beside the embedded registry', function () {
  this.timeout(120_000);
  let oras: string;
  let scratch: string;
  let root: string;
  let registry: RegistryProcess;

  before(function () {
    oras = peerOrSkip(this, 'oras');
  });
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'oci-collect-'));
    root = path.join(scratch, 'registry');
    await mkdir(root);
    await writeFile(path.join(scratch, 'shared.txt'), SHARED);
    registry = await forkRegistry(root);
  });
  afterEach(async () => {
    await registry.stop();
    await rm(scratch, { recursive: true, force: true });
  });

  const orasIn = async (...args: readonly string[]) => (await run(oras, args, { cwd: scratch })).stdout;
  const reference = (rest: string) => `${registry.host}/${REPOSITORY}${rest}`;
  const plain = ['--plain-http', '--no-tty'];
  const layoutFolder = () => path.join(root, REPOSITORY);

  async function orasPush(tag: string, text: string): Promise<void> {
    await writeFile(path.join(scratch, 'own.txt'), text);
    await orasIn('push', ...plain, reference(`:${tag}`), 'shared.txt', 'own.txt');
  }

  async function pulled(...place: readonly string[]): Promise<readonly string[]> {
    const into = await mkdtemp(path.join(scratch, 'pulled-'));
    await orasIn('pull', ...place, '-o', into);
    const texts = ['shared.txt', 'own.txt'].map((name) => readFile(path.join(into, name), 'utf8'));
    return Promise.all(texts);
  }

  it('leaves oras all that has a tag, a digest, an index or a subject, and nothing more', async () => {
    for (const name of ['tagged', 'untagged', 'moved', 'platform', 'gone']) await orasPush(name, name);
    const digestOf = async (tag: string) =>
      (await orasIn('resolve', '--plain-http', reference(`:${tag}`))).trim();
    const untagged = await digestOf('untagged');
    const moved = await digestOf('moved');
    await fetch(`http://${registry.host}/v2/${REPOSITORY}/manifests/untagged`, { method: 'DELETE' });
    await orasPush('moved', 'moved on');
    await orasIn('manifest', 'index', 'create', '--plain-http', reference(':index'), 'platform');
    const signed = ['--artifact-type', 'application/vnd.example.signature', '--plain-http'];
    await orasIn('attach', ...signed, reference(':tagged'), 'own.txt');
    const gone = await digestOf('gone');
    await orasIn('manifest', 'delete', '-f', '--plain-http', reference(`@${gone}`));
    await ageBlobs(layoutFolder());
    const before = await blobsIn(layoutFolder());
    const { layouts } = await collectUnused({ kind: 'registry', folder: root });
    assert.deepEqual(
      layouts.map(({ name, removable }) => [name, removable.count]),
      [[REPOSITORY, 1]],
    );
    assert.equal((await blobsIn(layoutFolder())).length, before.length - 1);
    const expected: Readonly<Record<string, string>> = {
      ':tagged': 'tagged',
      ':platform': 'platform',
      ':moved': 'moved on',
      [`@${untagged}`]: 'untagged',
      [`@${moved}`]: 'moved',
    };
    for (const [rest, text] of Object.entries(expected))
      assert.deepEqual(await pulled('--plain-http', reference(rest)), [SHARED, text], rest);
    const tree = await orasIn('discover', '--plain-http', '--format', 'json', reference(':tagged'));
    const { referrers } = JSON.parse(tree) as { referrers: readonly { reference: string }[] };
    assert.equal(referrers.length, 1);
    await orasIn(
      'pull',
      '--plain-http',
      referrers[0]?.reference ?? '',
      '-o',
      path.join(scratch, 'signature'),
    );
    await orasIn(
      'copy',
      '-r',
      '--from-plain-http',
      reference(':index'),
      '--to-oci-layout',
      `${scratch}/copied:index`,
    );
  });

  /** Collects without a pause and without grace until the work is done; tells how often, and how many blobs went. */
  async function collectDuring(place: ContentFolder, work: Promise<unknown>): Promise<[number, number]> {
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    let times = 0;
    let blobs = 0;
    while (!isDone) {
      const { layouts } = await collectUnused(place, { graceMs: 0 });
      for (const { removable } of layouts) blobs += removable.count;
      times += 1;
    }
    await done;
    return [times, blobs];
  }

  const ways = {
    'to the registry': () => ({
      place: { kind: 'registry', folder: root } as const,
      to: [registry.host, REPOSITORY],
      at: (tag: string) => ['--plain-http', reference(`:${tag}`)],
    }),
    'to one layout': () => ({
      place: { kind: 'layout', folder: `${scratch}/layout` } as const,
      to: [layoutPlace(`${scratch}/layout`).host, 'layout'],
      at: (tag: string) => ['--oci-layout', `${scratch}/layout:${tag}`],
    }),
  };

  for (const [what, way] of Object.entries(ways)) {
    it(`takes nothing of what several processes push ${what} at once, without any grace`, async function () {
      const { place, to, at } = way();
      const PUSHES = 16;
      const names = ['one', 'two', 'three', 'four'];
      const program = await buildProgram('test/registry/pushAndDelete.program.ts', `${scratch}/push.cjs`);
      const pushing = (name: string) =>
        run(process.execPath, [program, ...to, scratch, name, String(PUSHES)]);
      const pushes = Promise.all(names.map(pushing));
      const [times, removed] = await collectDuring(place, pushes);
      const again = (await pushes).reduce((sum, { stdout }) => sum + Number(stdout), 0);
      console.log(`      ${times} times, ${removed} blobs removed, ${again} pushes told to come again`);
      assert.ok(removed > 0);
      const { layouts } = await collectUnused(place, { graceMs: 0 });
      assert.deepEqual(
        layouts.map(({ problem }) => problem),
        [undefined],
      );
      for (const name of names) {
        for (let index = 0; index < PUSHES; index += 2) {
          const into = await mkdtemp(path.join(scratch, 'pulled-'));
          await orasIn('pull', ...at(`${name}-${index}`), '-o', into);
          assert.equal(await readFile(`${into}/shared.txt`, 'utf8'), SHARED);
          assert.equal(await readFile(`${into}/changing.txt`, 'utf8'), `content of ${name}-${index}`);
        }
      }
    });
  }
});
