import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  InvalidReferenceError,
  NotFoundError,
  UnsupportedError,
} from '../../../src/oci/errors';
import { encodeImageIndex, encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { Progress } from '../../../src/oci/progress';
import type { ContentSource, Reader, ReferrersOptions, TransferOptions } from '../../../src/oci/target';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { copy } from '../../../src/operations/copy';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putIndex, putLayer, putManifest } from './artifacts';

/** Writes down what is pushed, in order. */
class WatchedTarget extends MemoryTarget {
  readonly pushed: string[] = [];
  override async push(descriptor: Descriptor, content: ContentSource, options?: TransferOptions) {
    await super.push(descriptor, content, options);
    this.pushed.push(descriptor.digest);
  }
}

/** A repository of a registry that lets blobs be mounted, or not. */
class MountingTarget extends WatchedTarget {
  readonly host = 'registry.example';
  readonly mounts: string[] = [];
  constructor(
    readonly name: string,
    private readonly siblings: Readonly<Record<string, MemoryTarget>> = {},
    private readonly mayMount = true,
  ) {
    super();
  }

  async mount(descriptor: Descriptor, from: string): Promise<boolean> {
    this.mounts.push(`${from} ${descriptor.digest}`);
    const sibling = this.siblings[from];
    if (!this.mayMount || !sibling || !(await sibling.exists(descriptor))) return false;
    await super.push(descriptor, { open: () => sibling.fetch(descriptor) });
    this.pushed.pop();
    return true;
  }
}

function putReferrer(target: MemoryTarget, subject: Descriptor, text: string): Descriptor {
  const layers = [putLayer(target, text)];
  const { mediaType, digest, size } = subject;
  const bytes = encodeImageManifest({
    config: emptyDescriptor,
    layers,
    subject: { mediaType, digest, size },
  });
  return target.put(mediaTypes.ociManifest, bytes);
}

describe('copy', () => {
  let source: MemoryTarget;
  let destination: WatchedTarget;

  beforeEach(() => {
    source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    destination = new WatchedTarget();
  });

  it('brings children before parents, and the tags last', async () => {
    const layers = [putLayer(source, 'one'), putLayer(source, 'two')];
    const child = putManifest(source, layers);
    const inner = putIndex(source, [child]);
    const root = putIndex(source, [child, inner], 'v1');
    const result = await copy(source, destination, 'v1', { tags: ['a', 'b'] });
    assert.equal(result.root.digest, root.digest);
    assert.deepEqual(destination.pushed.slice(-2), [child.digest, inner.digest]);
    // The root goes with its first tag.
    assert.equal(destination.pushed.length, 5);
    assert.equal((await destination.resolve('b')).digest, root.digest);
    assert.deepEqual(await collect(destination.tags()), ['a', 'b']);
    assert.equal(result.skippedBytes, 0);
  });

  it('leaves what is there alone, and sends a blob that is gone below a manifest that is there', async () => {
    const layer = putLayer(source, 'layer');
    putManifest(source, [layer], 'v1');
    const first = await copy(source, destination, 'v1');
    const again = await copy(source, destination, 'v1');
    assert.deepEqual([again.pushedBytes, again.manifests], [0, 0]);
    assert.ok(first.pushedBytes > 0);
    await destination.remove(layer);
    const mended = await copy(source, destination, 'v1');
    assert.equal(await destination.exists(layer), true);
    assert.ok(mended.skippedBytes > 0);
  });

  it('takes along what refers to it, and what refers to that, and to the children of an index', async () => {
    const child = putManifest(source, [putLayer(source, 'child')]);
    const root = putIndex(source, [child], 'v1');
    const sbom = putReferrer(source, child, 'sbom');
    const signature = putReferrer(source, sbom, 'signature of the sbom');
    const note = putReferrer(source, root, 'note');
    const result = await copy(source, destination, 'v1', { referrers: true });
    for (const each of [child, root, sbom, signature, note]) assert.ok(await destination.exists(each));
    assert.deepEqual([result.manifests, result.referrers], [5, 3]);
    const order = (each: Descriptor) => destination.pushed.indexOf(each.digest);
    assert.ok(order(child) < order(sbom) && order(sbom) < order(signature) && order(root) < order(note));
  });

  it('takes along new referrers of what is there already', async () => {
    const child = putManifest(source, [putLayer(source, 'child')]);
    putIndex(source, [child], 'v1');
    await copy(source, destination, 'v1', { referrers: true });
    const late = putReferrer(source, child, 'late');
    const result = await copy(source, destination, 'v1', { referrers: true });
    assert.ok(await destination.exists(late));
    assert.equal(result.referrers, 1);
  });

  it('takes along the subject, where there is one', async () => {
    const subject = putManifest(source, [putLayer(source, 'subject')]);
    const note = putReferrer(source, subject, 'note');
    await copy(source, destination, note.digest);
    assert.ok(await destination.exists(subject));
    await source.remove(subject);
    const other = new WatchedTarget();
    await copy(source, other, note.digest);
    assert.ok(await other.exists(note));
    assert.ok(!(await other.exists(subject)));
  });

  it('does not take what only claims to refer', async () => {
    const root = putManifest(source, [putLayer(source, 'root')], 'v1');
    const stranger = putManifest(source, [putLayer(source, 'stranger')]);
    source.referrers = async function* () {
      yield stranger;
      yield root;
    };
    const result = await copy(source, destination, 'v1', { referrers: true });
    assert.deepEqual([result.manifests, await destination.exists(stranger)], [1, false]);
  });

  it('passes over what an old list names and is gone or no manifest, and over nothing else', async () => {
    const root = putManifest(source, [putLayer(source, 'root')], 'v1');
    const note = putReferrer(source, root, 'note');
    const odd = { ...putLayer(source, 'no manifest'), mediaType: mediaTypes.ociManifest };
    const gone = { ...odd, digest: digestOf('gone') };
    const list = (isOld: boolean) =>
      async function* (subject: { readonly digest: string }, { unread }: ReferrersOptions = {}) {
        if (subject.digest !== root.digest) return;
        for (const each of [gone, odd, note]) {
          if (isOld) unread?.add(each.digest);
          yield each;
        }
      };
    source.referrers = list(true);
    assert.equal((await copy(source, destination, 'v1', { referrers: true })).referrers, 1);
    source.referrers = list(false);
    await assert.rejects(copy(source, destination, 'v1', { referrers: true }), NotFoundError);
  });

  it('ends where referrers are listed in a circle', async () => {
    const root = putManifest(source, [putLayer(source, 'root')], 'v1');
    const one = putReferrer(source, root, 'one');
    source.referrers = async function* () {
      yield one;
      yield root;
    };
    assert.equal((await copy(source, destination, 'v1', { referrers: true })).manifests, 2);
  });

  it('copies one platform of an index', async () => {
    const platform = (architecture: string) => ({ os: 'linux', architecture });
    const arm = putManifest(source, [putLayer(source, 'arm')]);
    const amd = putManifest(source, [putLayer(source, 'amd')]);
    putIndex(
      source,
      [
        { ...amd, platform: platform('amd64') },
        { ...arm, platform: platform('arm64') },
      ],
      'v1',
    );
    const result = await copy(source, destination, 'v1', {
      platforms: [platform('arm64')],
      tags: ['arm'],
    });
    assert.equal(result.root.digest, arm.digest);
    assert.equal((await destination.resolve('arm')).digest, arm.digest);
    assert.equal(await destination.exists(amd), false);
    await assert.rejects(
      copy(source, destination, 'v1', { platforms: [platform('riscv64')] }),
      /no manifest for linux\/riscv64; it has linux\/amd64, linux\/arm64/,
    );
  });

  it('leaves layers out that are to be fetched from elsewhere', async () => {
    const foreign: Descriptor = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf('elsewhere'),
      size: 9,
      urls: ['https://example.com/layer'],
    };
    const root = putManifest(source, [foreign, putLayer(source, 'here')], 'v1');
    const { elsewhere } = await copy(source, destination, 'v1');
    assert.ok(await destination.exists(root));
    assert.equal(await destination.exists(foreign), false);
    assert.deepEqual(
      elsewhere.map(({ digest }) => digest),
      [foreign.digest],
    );
  });

  it('copies a layer that has other addresses too, and leaves it out only where the source lacks it', async () => {
    const urls = ['https://example.com/layer'];
    const here = { ...putLayer(source, 'here'), urls };
    const away = { mediaType: mediaTypes.ociLayer, digest: digestOf('away'), size: 4, urls };
    putManifest(source, [here, away], 'v1');
    const { elsewhere } = await copy(source, destination, 'v1');
    assert.ok(await destination.exists(here));
    assert.deepEqual(elsewhere, [away]);
  });

  it('sends as a blob what stands in a descriptor, and does not believe it unseen', async () => {
    const data = Buffer.from('embedded');
    const layer = { mediaType: 'text/plain', digest: digestOf(data), size: data.length };
    putManifest(source, [{ ...layer, data: data.toString('base64') }], 'good');
    await copy(source, destination, 'good');
    assert.ok(await destination.exists(layer));
    const lie = Buffer.from('something').toString('base64');
    putManifest(source, [{ ...putLayer(source, 'truth'), data: lie }], 'lie');
    await copy(source, destination, 'lie');
    assert.ok(await destination.exists(putLayer(source, 'truth')));
  });

  it('mounts blobs within a registry, and sends what cannot be mounted', async () => {
    const from = new MountingTarget('team/from');
    from.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    putManifest(from, [putLayer(from, 'layer')], 'v1');
    const to = new MountingTarget('team/to', { 'team/from': from });
    const mounted = await copy(from, to, 'v1');
    assert.deepEqual([mounted.mountedBytes, to.pushed.length], [5 + 2, 1]);
    const refusing = new MountingTarget('team/other', { 'team/from': from }, false);
    const sent = await copy(from, refusing, 'v1');
    assert.deepEqual([sent.mountedBytes, refusing.pushed.length, refusing.mounts.length], [0, 3, 2]);
  });

  it('does not mount from another registry', async () => {
    const from = Object.assign(new MountingTarget('team/from'), { host: 'elsewhere.example' });
    from.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    putManifest(from, [putLayer(from, 'layer')], 'v1');
    const to = new MountingTarget('team/to', { 'team/from': from });
    await copy(from, to, 'v1');
    assert.deepEqual(to.mounts, []);
  });

  it('leaves no manifest behind when a blob is missing, wrong, or its reading is stopped', async () => {
    const layer = putLayer(source, 'layer');
    const root = putManifest(source, [layer], 'v1');
    await source.remove(layer);
    await assert.rejects(copy(source, destination, 'v1', { tags: ['v1'] }), NotFoundError);
    source.fetch = async () => Readable.from([Buffer.from('lay3r')], { objectMode: false });
    await assert.rejects(copy(source, destination, 'v1'), ContentMismatchError);
    const controller = new AbortController();
    const reason = new DOMException('stop', 'AbortError');
    source.fetch = async () => {
      controller.abort(reason);
      throw reason;
    };
    await assert.rejects(
      copy(source, destination, 'v1', { signal: controller.signal }),
      (error) => error === reason,
    );
    assert.equal(await destination.exists(root), false);
  });

  it('refuses bad tags before anything is asked, and a source that cannot list referrers', async () => {
    await assert.rejects(copy(source, destination, 'absent', { tags: ['no good'] }), InvalidReferenceError);
    putManifest(source, [], 'v1');
    const reader: Reader = {
      resolve: (reference) => source.resolve(reference),
      readManifest: (reference) => source.readManifest(reference),
      exists: (descriptor) => source.exists(descriptor),
      fetch: (descriptor) => source.fetch(descriptor),
    };
    await assert.rejects(copy(reader, destination, 'v1', { referrers: true }), UnsupportedError);
  });

  it('refuses an index that nests without end', async () => {
    let inner = putManifest(source, []);
    for (let depth = 0; depth < 70; depth++)
      inner = source.put(mediaTypes.ociIndex, encodeImageIndex({ manifests: [inner] }), 'v1');
    await assert.rejects(copy(source, destination, 'v1'), InvalidContentError);
    assert.deepEqual(destination.pushed, []);
  });

  it('tells progress that only grows and ends at the whole, by content as well', async () => {
    putManifest(source, [putLayer(source, 'one', 'one.txt'), putLayer(source, 'two')], 'v1');
    const seen: Progress[] = [];
    await copy(source, destination, 'v1', { onProgress: (progress) => seen.push(progress) });
    const done = seen.map(({ doneBytes }) => doneBytes);
    assert.deepEqual(
      done,
      done.toSorted((a, b) => a - b),
    );
    assert.equal(seen.at(-1)?.doneBytes, seen.at(-1)?.totalBytes);
    const item = seen.find(({ item: each }) => each?.name === 'one.txt')?.item;
    assert.deepEqual(item, { name: 'one.txt', doneBytes: 3, totalBytes: 3 });
  });
});
