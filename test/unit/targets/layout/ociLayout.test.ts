import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../../../../src/oci/descriptor';
import { digestOf } from '../../../../src/oci/digest';
import { ContentMismatchError, InvalidContentError, InvalidReferenceError } from '../../../../src/oci/errors';
import { encodeImageIndex } from '../../../../src/oci/manifest';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import type { ManifestContent } from '../../../../src/oci/target';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from '../../../support/artifacts';
import { describeTargetContract } from '../../../support/targetContract';

interface IndexDocument {
  readonly manifests: readonly { digest: string; annotations?: Record<string, string> }[];
}

/** How long changes have until each of them waits for the lock. */
const WAITING_MS = 250;

let folder: string;
let layout: OciLayout;

const refName = 'org.opencontainers.image.ref.name';
const readIndex = async () =>
  JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as IndexDocument;
const names = async () => (await readIndex()).manifests.map(({ annotations }) => annotations?.[refName]);

function indexOf(children: readonly ManifestContent[], subject?: ManifestContent): ManifestContent {
  const bytes = encodeImageIndex({
    manifests: children.map(({ descriptor }) => descriptor),
    ...(subject && { subject: subject.descriptor, annotations: { of: 'index' } }),
  });
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
  return { bytes, descriptor };
}

describe('An OCI image layout', () => {
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'oci-layout-'));
    layout = new OciLayout(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  describeTargetContract('An OCI layout', async () => ({ target: layout, remover: layout }));

  describe('The index.json of a layout', () => {
    it('has one entry a tag, and one without a name for an untagged manifest', async () => {
      const tagged = await pushArtifact(layout, [textBlob('tagged')]);
      await layout.tag(tagged, 'one');
      await layout.tag(tagged, 'two');
      const untagged = await pushArtifact(layout, [textBlob('untagged')]);
      assert.deepEqual(await names(), ['one', 'two', undefined]);
      assert.equal((await readIndex()).manifests[2]?.digest, untagged.descriptor.digest);
    });

    it('keeps a manifest listed when its tag moves on', async () => {
      const first = await pushArtifact(layout, [textBlob('first')]);
      const second = await pushArtifact(layout, [textBlob('second')]);
      await layout.tag(first, 'moving');
      await layout.tag(second, 'moving');
      const digests = (await readIndex()).manifests.map(({ digest }) => digest);
      assert.deepEqual(new Set(digests), new Set([first.descriptor.digest, second.descriptor.digest]));
    });

    it('keeps a manifest listed when its only tag is removed', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      await layout.tag(manifest, 'gone');
      await layout.untag('gone');
      assert.deepEqual(await names(), [undefined]);
      assert.equal((await layout.resolve(manifest.descriptor.digest)).size, manifest.descriptor.size);
      await assert.rejects(layout.untag('gone'), /not found/);
    });

    it('keeps what other tools wrote into it', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      const foreign = { mediaType: 'x/y', digest: 'blake3:00', size: 1, note: 'unknown algorithm' };
      const own = { ...manifest.descriptor, annotations: { [refName]: 'a', other: 'b' }, extra: 1 };
      const document = { schemaVersion: 2, manifests: [foreign, own], annotations: { whole: 'kept' } };
      await writeFile(path.join(folder, 'index.json'), JSON.stringify(document));
      await layout.tag(manifest, 'new');
      await layout.untag('a');
      const after = (await readIndex()) as unknown as typeof document;
      assert.deepEqual(after.annotations, { whole: 'kept' });
      assert.ok(after.manifests.some((entry) => entry.digest === 'blake3:00' && 'note' in entry));
      await layout.untag('new');
      assert.equal((await layout.resolve(manifest.descriptor.digest)).digest, manifest.descriptor.digest);
    });

    it('stops being searched for referrers when that is cancelled, though none was found yet', async () => {
      const manifest = await pushArtifact(layout, []);
      for (let at = 0; at < 60; at++) await pushArtifact(layout, [textBlob(`${at}`)]);
      const reason = new Error('cancelled');
      const cancel = new AbortController();
      const listing = collect(
        new OciLayout(folder).referrers(manifest.descriptor, { signal: cancel.signal }),
      );
      setImmediate(() => cancel.abort(reason));
      await assert.rejects(listing, (error) => error === reason);
    });

    it('is read again when another program changed it', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      assert.deepEqual(await collect(layout.tags()), []);
      await new OciLayout(folder).tag(manifest, 'from-elsewhere');
      assert.deepEqual(await collect(layout.tags()), ['from-elsewhere']);
    });

    it('loses no change when two writers work at once', async () => {
      const other = new OciLayout(folder);
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      const tags = Array.from({ length: 30 }, (_, index) => index);
      await Promise.all(
        tags.flatMap((index) => [layout.tag(manifest, `a${index}`), other.tag(manifest, `b${index}`)]),
      );
      assert.equal((await collect(layout.tags())).length, 60);
    });

    it('takes the changes that waited for the lock all at once', async () => {
      const [manifest, gone] = [await pushArtifact(layout, []), await pushArtifact(layout, [textBlob('x')])];
      await layout.tag(manifest, 'old');
      const lock = path.join(folder, '.index.lock');
      await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'held' }));
      const waiting = [
        ...Array.from({ length: 40 }, (_, index) => layout.tag(manifest, `t${index}`)),
        layout.untag('old'),
        layout.remove(gone.descriptor),
      ];
      await delay(WAITING_MS);
      await rm(lock);
      await Promise.race(waiting);
      const found = await names();
      await Promise.all(waiting);
      const expected = Array.from({ length: 40 }, (_, index) => `t${index}`);
      assert.deepEqual(found.sort(), expected.sort());
    });

    it('takes the other changes of a group where one is refused, fails or is cancelled', async () => {
      const manifest = await pushArtifact(layout, []);
      const lock = path.join(folder, '.index.lock');
      await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'held' }));
      const controller = new AbortController();
      const refused = layout.putManifest(manifest, ['refused'], {
        check: async () => Promise.reject(new Error('refused by the check')),
      });
      const cancelled = layout.tag(manifest, 'cancelled', { signal: controller.signal });
      const absent = layout.untag('absent');
      const others = ['one', 'two'].map((tag) => layout.tag(manifest, tag));
      const settled = Promise.allSettled([refused, cancelled, absent, ...others]);
      controller.abort(new Error('cancelled by the user'));
      await assert.rejects(cancelled, /cancelled by the user/, 'does not wait for the lock');
      await rm(lock);
      const results = await settled;
      assert.deepEqual(
        results.map((each) => (each.status === 'rejected' ? String(each.reason).slice(0, 30) : each.status)),
        [
          'Error: refused by the check',
          'Error: cancelled by the user',
          'NotFoundError: Tag "absent" was',
          'fulfilled',
          'fulfilled',
        ].map((text) => text.slice(0, 30)),
      );
      assert.deepEqual(await collect(layout.tags()), ['one', 'two']);
    });

    it('keeps a manifest, file and entry, that is removed and put again in one group', async () => {
      const manifest = await pushArtifact(layout, []);
      const lock = path.join(folder, '.index.lock');
      await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, id: 'held' }));
      const removed = layout.remove(manifest.descriptor);
      await delay(WAITING_MS);
      const tagged = layout.tag(manifest, 'again');
      await delay(WAITING_MS);
      await rm(lock);
      await Promise.all([removed, tagged]);
      assert.deepEqual((await layout.readManifest('again')).bytes, manifest.bytes);
    });

    it('can be changed after a writer was killed while it held the lock', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' });
      const mark = { host: hostname(), pid: Number(dead), id: 'left behind' };
      await writeFile(path.join(folder, '.index.lock'), JSON.stringify(mark));
      await layout.tag(manifest, 'after');
      assert.deepEqual(await collect(layout.tags()), ['after']);
      await assert.rejects(stat(path.join(folder, '.index.lock')));
    });

    it('is refused, with its path, when it is not JSON', async () => {
      await layout.create();
      await writeFile(path.join(folder, 'index.json'), '{');
      await assert.rejects(
        collect(layout.tags()),
        (error) => error instanceof InvalidContentError && error.message.includes(folder),
      );
    });
  });

  describe('A layout folder', () => {
    it('has the three parts that the spec names', async () => {
      const { descriptor, bytes } = textBlob('content');
      await layout.push(descriptor, sourceOf(bytes));
      assert.equal(await readFile(path.join(folder, 'oci-layout'), 'utf8'), '{"imageLayoutVersion":"1.0.0"}');
      assert.deepEqual(await readIndex(), {
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [],
      });
      const hex = descriptor.digest.slice('sha256:'.length);
      assert.deepEqual(await readFile(path.join(folder, 'blobs/sha256', hex)), bytes);
    });

    it('takes no manifest that gives its content another size than it has', async () => {
      const layer = textBlob('layer');
      const child = await pushArtifact(layout, [layer]);
      const wrong = (size: number, { descriptor }: { descriptor: Descriptor }) => ({ ...descriptor, size });
      for (const [{ bytes, descriptor }, digest, sizes] of [
        [manifestOf([{ ...layer, descriptor: wrong(3, layer) }]), layer.descriptor.digest, /3 bytes.* has 5/],
        [indexOf([{ ...child, descriptor: wrong(3, child) }]), child.descriptor.digest, /3 bytes.* has \d+/],
      ] as const) {
        await assert.rejects(
          layout.tag({ bytes, descriptor }, 'wrong'),
          (error: Error) =>
            error instanceof InvalidContentError &&
            error.message.includes(digest) &&
            sizes.test(error.message),
        );
      }
      assert.deepEqual(await collect(layout.tags()), []);
    });

    it('of another layout version is refused', async () => {
      await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}');
      await assert.rejects(pushArtifact(layout, []), InvalidContentError);
    });

    it('serves the children of an index that index.json does not list', async () => {
      const child = await pushArtifact(layout, [textBlob('for amd64')]);
      const inner = indexOf([child]);
      const outer = indexOf([inner]);
      await layout.push(inner.descriptor, sourceOf(inner.bytes));
      await layout.putManifest(outer, ['multi']);
      const entry = { ...outer.descriptor, annotations: { [refName]: 'multi' } };
      await writeFile(
        path.join(folder, 'index.json'),
        JSON.stringify({ schemaVersion: 2, manifests: [entry] }),
      );
      const read = await new OciLayout(folder).readManifest(child.descriptor.digest);
      assert.deepEqual(read.descriptor, child.descriptor);
    });

    it('fails a read of a blob that was damaged on disk', async () => {
      const { descriptor, bytes } = textBlob('sound');
      await layout.push(descriptor, sourceOf(bytes));
      await writeFile(path.join(folder, 'blobs', ...descriptor.digest.split(':')), 'soand');
      await assert.rejects(async () => buffer(await layout.fetch(descriptor)), ContentMismatchError);
    });

    it('does not take a manifest that was damaged on disk for the one asked for', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      const damaged = Buffer.from(manifest.bytes).fill(0x20, 0, 1);
      await writeFile(path.join(folder, 'blobs', ...manifest.descriptor.digest.split(':')), damaged);
      await assert.rejects(layout.readManifest(manifest.descriptor.digest), ContentMismatchError);
    });

    it('keeps nothing of a push that was cancelled', async () => {
      const reason = new Error('cancelled');
      const controller = new AbortController();
      const endless = Readable.from(
        (function* () {
          for (;;) {
            yield Buffer.alloc(1024 * 1024);
            controller.abort(reason);
          }
        })(),
      );
      const descriptor = { mediaType: 'x/y', digest: digestOf('other'), size: 2 ** 40 };
      const push = layout.push(
        descriptor,
        { open: async () => endless },
        {
          signal: controller.signal,
        },
      );
      await assert.rejects(push, reason);
      assert.deepEqual(await readdir(path.join(folder, '.ingest')), []);
      assert.equal(await layout.exists(descriptor), false);
    });

    it('is cleared of what a killed process has left, and of nothing of the living', async () => {
      await pushArtifact(layout, [textBlob('layer')]);
      const here = encodeURIComponent(hostname());
      /** No process has this number: it is past the largest that systems give. */
      const dead = 2 ** 22 + 1;
      const living = [`blob~${here}~${process.pid}~1`, `blob~elsewhere~${dead}~1`, 'blob-of-another-program'];
      for (const name of [`blob~${here}~${dead}~1`, ...living])
        await writeFile(path.join(folder, '.ingest', name), 'half');
      await pushArtifact(new OciLayout(folder), [textBlob('more')]);
      assert.deepEqual(await readdir(path.join(folder, '.ingest')), living.sort());
    });

    it('refuses a tag that would not be one in a registry', async () => {
      const manifest = await pushArtifact(layout, [textBlob('layer')]);
      await assert.rejects(layout.tag(manifest, '../up'), InvalidReferenceError);
    });

    it('takes a blob from another layout without a second copy', async () => {
      const { descriptor, bytes } = textBlob('shared');
      const other = new OciLayout(path.join(folder, 'other'));
      await other.push(descriptor, sourceOf(bytes));
      assert.equal(await layout.mountBlob(descriptor.digest, other), true);
      const place = path.join('blobs', ...descriptor.digest.split(':'));
      const [mine, theirs] = [await stat(path.join(folder, place)), await stat(path.join(other.root, place))];
      assert.equal(mine.ino, theirs.ino);
      assert.equal(await layout.mountBlob(digestOf('absent'), other), false);
    });

    it('loses temporary files that a killed process left behind long ago', async () => {
      const staging = path.join(folder, 'staging');
      await mkdir(staging);
      for (const name of ['blob-fresh', 'blob-old']) await writeFile(path.join(staging, name), '');
      await utimes(path.join(staging, 'blob-old'), 0, 0);
      await new OciLayout(path.join(folder, 'inner'), { staging }).create();
      assert.deepEqual(await readdir(staging), ['blob-fresh']);
    });
  });

  describe('The referrers in a layout', () => {
    it('carry artifact type and annotations by the rules of the spec', async () => {
      const subject = await pushArtifact(layout, [textBlob('subject')]);
      const signature = await pushArtifact(layout, [textBlob('signature')], {
        artifactType: 'application/vnd.example.signature',
        subject: subject.descriptor,
        annotations: { by: 'us' },
      });
      const config = textBlob('{"a":1}', 'application/vnd.example.config');
      await layout.push(config.descriptor, sourceOf(config.bytes));
      const typed = manifestOf([], {
        artifactType: '',
        config: config.descriptor,
        subject: subject.descriptor,
      });
      await layout.push(typed.descriptor, sourceOf(typed.bytes));
      const list = indexOf([], subject);
      await layout.push(list.descriptor, sourceOf(list.bytes));
      const expected = [
        {
          ...signature.descriptor,
          annotations: { by: 'us' },
          artifactType: 'application/vnd.example.signature',
        },
        { ...typed.descriptor, artifactType: 'application/vnd.example.config' },
        { ...list.descriptor, annotations: { of: 'index' } },
      ].sort((a, b) => (a.digest < b.digest ? -1 : 1));
      assert.deepEqual(await collect(layout.referrers(subject.descriptor)), expected);
      const filter = { artifactType: 'application/vnd.example.config' };
      const filtered = await collect(layout.referrers(subject.descriptor, filter));
      assert.deepEqual(
        filtered.map(({ digest }) => digest),
        [typed.descriptor.digest],
      );
    });

    it('are listed before the subject is there, and no more once they are removed', async () => {
      const subject = manifestOf([textBlob('not pushed')]);
      const referrer = await pushArtifact(layout, [textBlob('early')], { subject: subject.descriptor });
      assert.equal((await collect(layout.referrers(subject.descriptor))).length, 1);
      await layout.remove(referrer.descriptor);
      assert.deepEqual(await collect(layout.referrers(subject.descriptor)), []);
    });
  });
});
