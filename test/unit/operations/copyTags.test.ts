import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../../src/oci/descriptor';
import { InvalidReferenceError, isAbort } from '../../../src/oci/errors';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { Progress } from '../../../src/oci/progress';
import type { ContentSource, ManifestContent, TransferOptions, WaitOptions } from '../../../src/oci/target';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { copyTags } from '../../../src/operations/copyTags';
import { MemoryTarget } from '../../../src/targets/memory';
import { putIndex, putLayer, putManifest } from './artifacts';

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
    const { shared } = putMany(12);
    const other = putManifest(source, [putLayer(source, 'alone')], 'other');
    destination.slowMs = ({ digest }) => (digest === shared.digest || digest === other.digest ? 30 : 0);
    await source.remove(shared);
    await assert.rejects(copyTags(source, destination, { concurrency: 5 }), (error) => {
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
});
