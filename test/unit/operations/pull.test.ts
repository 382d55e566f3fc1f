import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../../src/oci/descriptor';
import { VerifyingStream } from '../../../src/oci/digest';
import { ContentMismatchError, UnsafePathError } from '../../../src/oci/errors';
import { planPull } from '../../../src/operations/planPull';
import { pull, type PullOptions } from '../../../src/operations/pull';
import type { Progress } from '../../../src/oci/progress';
import { push } from '../../../src/operations/push';
import { FolderSink } from '../../../src/targets/folder/folderSink';
import { LocalFiles } from '../../../src/targets/folder/localFiles';
import { MemoryTarget } from '../../../src/targets/memory';
import { putLayer, putManifest } from './artifacts';

/** A source that serves other bytes than it should for one layer, as a broken server does. */
class LyingTarget extends MemoryTarget {
  constructor(private readonly lieAbout: string) {
    super();
  }

  override async fetch(descriptor: Descriptor): Promise<Readable> {
    const bytes = await buffer(await super.fetch(descriptor));
    if (descriptor.annotations?.['org.opencontainers.image.title'] === this.lieAbout) bytes[0] = 0;
    return Readable.from([bytes], { objectMode: false }).pipe(new VerifyingStream(descriptor, 'the liar'));
  }
}

describe('pull', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'pull-test-'));
    folder = path.join(scratch, 'out');
  });

  afterEach(() => rm(scratch, { recursive: true, force: true }));

  const run = async (source: MemoryTarget, options: Partial<PullOptions> = {}) =>
    pull(source, await planPull(source, 'v1'), new FolderSink(folder), { policy: 'overwrite', ...options });

  it('takes a layer out of its descriptor, verified, where the source does not have it', async () => {
    const source = new MemoryTarget();
    const [layer, lie] = ['inline', 'true'].map((text) => putLayer(source, text, text)) as [
      Descriptor,
      Descriptor,
    ];
    await source.remove(layer);
    const data = (text: string) => Buffer.from(text).toString('base64');
    putManifest(
      source,
      [
        { ...layer, data: data('inline') },
        { ...lie, data: data('lies') },
      ],
      'v1',
    );
    await run(source);
    assert.equal(await readFile(path.join(folder, 'inline'), 'utf8'), 'inline');
    assert.equal(await readFile(path.join(folder, 'true'), 'utf8'), 'true');
  });

  it('restores what push sent: files and folders, byte for byte', async () => {
    const work = path.join(scratch, 'work');
    await mkdir(path.join(work, 'tree/sub'), { recursive: true });
    const big = Buffer.alloc(5_000_001, 'big');
    await writeFile(path.join(work, 'tree/sub/big'), big);
    await writeFile(path.join(work, 'plain.txt'), 'plain');
    const source = new LocalFiles({ temporaryFolder: scratch });
    const registry = new MemoryTarget();
    const files = ['tree', 'plain.txt'].map((title) => ({ path: path.join(work, title), title }));
    const pushed = await push(source, registry, { files, tags: ['v1'] });
    await source.dispose();
    const { root, written } = await run(registry);
    assert.equal(root.digest, pushed.descriptor.digest);
    assert.deepEqual(written.toSorted(), ['plain.txt', 'tree/sub/big']);
    assert.ok(big.equals(await readFile(path.join(folder, 'tree/sub/big'))));
    assert.equal(await readFile(path.join(folder, 'plain.txt'), 'utf8'), 'plain');
  });

  it('writes one content under two titles twice', async () => {
    const source = new MemoryTarget();
    putManifest(source, [putLayer(source, 'same', 'a'), putLayer(source, 'same', 'sub/b')], 'v1');
    await run(source);
    assert.equal(await readFile(path.join(folder, 'a'), 'utf8'), 'same');
    assert.equal(await readFile(path.join(folder, 'sub/b'), 'utf8'), 'same');
  });

  it('leaves nothing of any file when one has wrong bytes', async () => {
    const source = new LyingTarget('c');
    putManifest(
      source,
      ['a', 'b', 'c', 'd'].map((title) => putLayer(source, `content of ${title}`, title)),
      'v1',
    );
    for (const concurrency of [1, 4]) {
      await assert.rejects(run(source, { concurrency }), ContentMismatchError);
      assert.deepEqual(await readdir(scratch), []);
    }
  });

  it('writes nothing when one title is unsafe', async () => {
    const source = new MemoryTarget();
    putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'y', '../b')], 'v1');
    await assert.rejects(run(source), UnsafePathError);
    assert.deepEqual(await readdir(scratch), []);
  });

  it('leaves nothing when it is cancelled, and throws the abort reason as it is', async () => {
    const source = new MemoryTarget();
    putManifest(source, [putLayer(source, 'x', 'a'), putLayer(source, 'y', 'b')], 'v1');
    const controller = new AbortController();
    const reason = new DOMException('cancelled', 'AbortError');
    const onProgress = () => controller.abort(reason);
    await assert.rejects(run(source, { signal: controller.signal, onProgress }), (error) => error === reason);
    assert.deepEqual(await readdir(scratch), []);
  });

  it('tells progress up to the whole', async () => {
    const source = new MemoryTarget();
    putManifest(source, [putLayer(source, '12345', 'a'), putLayer(source, '678', 'b')], 'v1');
    const seen: Progress[] = [];
    await run(source, { concurrency: 1, onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen, [
      { doneBytes: 5, totalBytes: 8, current: 'Receiving a' },
      { doneBytes: 8, totalBytes: 8, current: 'Receiving b' },
    ]);
  });
});
