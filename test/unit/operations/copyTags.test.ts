import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import { InvalidReferenceError, isAbort, NotFoundError } from '../../../src/oci/errors';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { Progress } from '../../../src/oci/progress';
import type { ContentSource, ManifestContent, TransferOptions, WaitOptions } from '../../../src/oci/target';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { copyTags, type CopyTagsResult } from '../../../src/operations/copyTags';
import { OciLayout } from '../../../src/targets/layout/ociLayout';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putIndex, putLayer, putManifest } from './artifacts';

const REFUSED = { method: 'PUT', url: 'http://registry', status: 404, details: [], body: '' };

/** A destination that takes its time, writes down what it is asked, and how much at once. */
class SlowTarget extends MemoryTarget {
  readonly pushed: string[] = [];
  readonly asked: string[] = [];
  readonly incomplete: string[] = [];
  atOnce = 0;
  mostAtOnce = 0;
  slowMs: (descriptor: Descriptor) => number = () => 1;

  override async exists(descriptor: Descriptor, options?: WaitOptions) {
    this.asked.push(descriptor.digest);
    return this.counted(descriptor, options, () => super.exists(descriptor, options));
  }

  override async push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions) {
    this.pushed.push(descriptor.digest);
    return this.counted(descriptor, options, () => super.push(descriptor, content, options));
  }

  override async tag(manifest: ManifestContent, tag: string, options?: WaitOptions) {
    const { layers, manifests } = JSON.parse(Buffer.from(manifest.bytes).toString()) as {
      layers?: Descriptor[];
      manifests?: Descriptor[];
    };
    for (const each of [...(layers ?? []), ...(manifests ?? [])])
      if (!(await super.exists(each))) this.incomplete.push(tag);
    return this.counted(manifest.descriptor, options, () => super.tag(manifest, tag, options));
  }

  private async counted<T>(descriptor: Descriptor, wait: WaitOptions | undefined, work: () => Promise<T>) {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      await delay(this.slowMs(descriptor), undefined, wait?.signal ? { signal: wait.signal } : {});
      return await work();
    } finally {
      this.atOnce--;
    }
  }
}

describe('copyTags', () => {
  let source: MemoryTarget;
  let destination: SlowTarget;

  beforeEach(() => {
    source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    destination = new SlowTarget();
  });

  const putMany = (count: number) => {
    const shared = putLayer(source, 'shared');
    const tags = Array.from({ length: count }, (_, index) => `v${index}`);
    for (const tag of tags) putManifest(source, [shared, putLayer(source, tag)], tag);
    return { shared, tags };
  };

  it('sends what tags share once, asks for it once, and tags nothing before it has arrived', async () => {
    const { shared, tags } = putMany(12);
    destination.slowMs = ({ digest }) => (digest === shared.digest ? 40 : 1);
    const result = await copyTags(source, destination, { concurrency: 5 });
    assert.deepEqual(destination.incomplete, []);
    assert.deepEqual([...destination.pushed].sort(), [...new Set(destination.pushed)].sort());
    assert.equal(destination.asked.filter((digest) => digest === shared.digest).length, 1);
    assert.deepEqual(
      result.tags.map(({ tag }) => tag),
      [...tags].sort(),
    );
    for (const { tag, root } of result.tags)
      (assert.deepEqual(await destination.resolve(tag), await source.resolve(tag)), assert.ok(root));
  });

  it('waits for a manifest of an index that another tag is sending', async () => {
    const child = putManifest(source, [putLayer(source, 'child')], 'child');
    const root = putIndex(source, [child], 'index');
    destination.slowMs = ({ digest }) => (digest === child.digest ? 30 : 0);
    await copyTags(source, destination, { concurrency: 5, tags: ['child', 'index', 'child'] });
    assert.deepEqual(destination.incomplete, []);
    assert.equal((await destination.resolve('index')).digest, root.digest);
    assert.equal(destination.pushed.filter((digest) => digest === child.digest).length, 0);
  });

  it('counts each referrer for each tag that leads to it, and sends it once', async () => {
    const root = putManifest(source, [putLayer(source, 'root')], 'v1');
    source.put(root.mediaType, (await source.readManifest('v1')).bytes, 'v2');
    const notes = ['one', 'two'].map((text) => {
      const layers = [putLayer(source, text)];
      return source.put(
        mediaTypes.ociManifest,
        encodeImageManifest({ config: emptyDescriptor, layers, subject: root }),
      );
    });
    const result = await copyTags(source, destination, { concurrency: 5, referrers: true });
    assert.deepEqual(
      result.tags.map(({ tag, referrers }) => [tag, referrers]),
      [
        ['v1', 2],
        ['v2', 2],
      ],
    );
    for (const { digest } of notes)
      assert.equal(destination.pushed.filter((each) => each === digest).length, 1);
  });

  it('does no more at once than wanted, however many tags there are', async () => {
    putMany(30);
    await copyTags(source, destination, { concurrency: 2 });
    assert.equal(destination.mostAtOnce, 6);
    const alone = new SlowTarget();
    await copyTags(source, alone, { concurrency: 1 });
    assert.equal(alone.mostAtOnce, 1);
  });

  it('says what failed first, stops the others, and tags nothing that lacks it', async () => {
    const { shared, tags } = putMany(12);
    const other = putManifest(source, [putLayer(source, 'alone')], 'other');
    destination.slowMs = ({ digest }) => (digest === shared.digest || digest === other.digest ? 30 : 0);
    await source.remove(shared);
    const named = { tags: [...tags, 'other'], concurrency: 5 };
    await assert.rejects(copyTags(source, destination, named), (error) => {
      assert.ok(!isAbort(error), String(error));
      return true;
    });
    const { atOnce, incomplete } = destination;
    assert.deepEqual([atOnce, incomplete], [0, []]);
    const { length } = destination.pushed;
    await delay(50);
    assert.equal(destination.pushed.length, length);
  });

  it('stops all by a cancel', async () => {
    putMany(12);
    const controller = new AbortController();
    destination.slowMs = () => 5_000;
    const reason = new DOMException('stop', 'AbortError');
    setTimeout(() => controller.abort(reason), 20);
    const copying = copyTags(source, destination, { concurrency: 2, signal: controller.signal });
    await assert.rejects(copying, (error) => error === reason);
    assert.equal(destination.atOnce, 0);
  });

  it('tells progress of the whole, by tag, which ends at the whole', async () => {
    putMany(6);
    const seen: Progress[] = [];
    await copyTags(source, destination, { concurrency: 2, onProgress: (progress) => seen.push(progress) });
    const done = seen.map(({ doneBytes }) => doneBytes);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    const [first, last] = [seen[0], seen.at(-1)];
    assert.equal(last?.doneBytes, last?.totalBytes);
    assert.ok(first && last && first.totalBytes > last.totalBytes / 2, 'the first total is not of one tag');
    assert.match(first.current ?? '', /^v\d: /);
  });

  it('refuses a bad tag before anything is asked', async () => {
    putMany(1);
    await assert.rejects(copyTags(source, destination, { tags: ['v0', 'no good'] }), InvalidReferenceError);
    assert.deepEqual([destination.asked, destination.pushed], [[], []]);
  });

  describe('of all tags, where some cannot be copied', () => {
    const names = (result: CopyTagsResult) => result.tags.map(({ tag }) => tag);
    const leftOut = (result: CopyTagsResult) => result.leftOut.map(({ tag }) => tag).sort();
    /** A list with more names than there are tags, as garbage collection leaves it. */
    const list = (...more: readonly string[]) => {
      const own = source.tags.bind(source);
      source.tags = async function* (options) {
        yield* more;
        yield* own(options);
      };
    };

    it('does the rest and names those with nothing behind them, and names that are no tags', async () => {
      const { tags } = putMany(3);
      const digest = digestOf('x');
      list('_uploads', digest, '-ot-beta-jmx', 'v1');
      const result = await copyTags(source, destination);
      assert.deepEqual(names(result).sort(), tags);
      assert.deepEqual(leftOut(result), ['-ot-beta-jmx', '_uploads', digest].sort());
      assert.deepEqual(await collect(destination.tags()), tags);
    });

    it('does the rest where a manifest is broken, or something below it is gone', async () => {
      const { tags } = putMany(2);
      source.put(mediaTypes.ociManifest, Buffer.from('not json'), 'broken');
      await source.remove(putManifest(source, [], 'temporary'));
      const lost = putLayer(source, 'lost');
      putManifest(source, [lost], 'lost-layer');
      const child = putManifest(source, [putLayer(source, 'child')]);
      putIndex(source, [child], 'lost-child');
      await source.remove(lost);
      await source.remove(child);
      const result = await copyTags(source, destination);
      assert.deepEqual(names(result).sort(), tags);
      assert.deepEqual(leftOut(result), ['broken', 'lost-child', 'lost-layer']);
      assert.match(result.leftOut.map(({ error }) => error.message).join(), new RegExp(child.digest));
      assert.deepEqual(await collect(destination.tags()), tags);
    });

    it('leaves out each tag that shares what is gone', async () => {
      const lost = putLayer(source, 'lost');
      putManifest(source, [lost, putLayer(source, '1')], 'a');
      putManifest(source, [lost, putLayer(source, '2')], 'b');
      putManifest(source, [putLayer(source, '3')], 'c');
      await source.remove(lost);
      const result = await copyTags(source, destination);
      assert.deepEqual([names(result), leftOut(result)], [['c'], ['a', 'b']]);
    });

    it('fails where none could be copied, or the tag was asked for by name', async () => {
      list('gone');
      await assert.rejects(copyTags(source, destination), NotFoundError);
      putMany(1);
      await assert.rejects(copyTags(source, destination, { tags: ['v0', 'gone'] }), NotFoundError);
      await assert.rejects(copyTags(source, destination, { tags: ['-no'] }), InvalidReferenceError);
    });

    it('fails where the destination does not take it', async () => {
      putMany(3);
      list('gone');
      destination.push = async () => Promise.reject(new NotFoundError('The repository', REFUSED));
      await assert.rejects(copyTags(source, destination), /The repository/);
    });

    it('restores the rest of a layout that lost a blob, or has names of images in place of tags', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'copy-tags-'));
      try {
        putMany(2);
        const lost = putLayer(source, 'lost');
        putManifest(source, [lost], 'lost');
        const layout = new OciLayout(folder);
        await copyTags(source, layout);
        await rm(path.join(folder, 'blobs/sha256', lost.digest.slice(7)));
        const index = path.join(folder, 'index.json');
        const text = await readFile(index, 'utf8');
        await writeFile(index, text.replace('"v1"', '"docker.io/library/x:1"'));
        const result = await copyTags(new OciLayout(folder), destination);
        assert.deepEqual([names(result), leftOut(result)], [['v0'], ['docker.io/library/x:1', 'lost']]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });

  it('names what is fetched from elsewhere, once', async () => {
    const urls = ['https://example.com/layer'];
    const away = { mediaType: mediaTypes.ociLayer, digest: digestOf('away'), size: 4, urls };
    for (const tag of ['a', 'b']) putManifest(source, [away, putLayer(source, tag)], tag);
    assert.deepEqual((await copyTags(source, destination)).elsewhere, [away]);
  });
});
