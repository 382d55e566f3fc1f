import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Descriptor } from '../../../../src/oci/descriptor';
import { digestOf, hexOf, type Digest } from '../../../../src/oci/digest';
import { InvalidContentError } from '../../../../src/oci/errors';
import { encodeImageIndex } from '../../../../src/oci/manifest';
import { mediaTypes } from '../../../../src/oci/mediaTypes';
import type { ManifestContent, WaitOptions } from '../../../../src/oci/target';
import type { LockedWork } from '../../../../src/targets/layout/layoutIndex';
import { LayoutStore } from '../../../../src/targets/layout/layoutStore';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { UnusedBlobs } from '../../../../src/targets/layout/unusedBlobs';
import { ageBlobs, blobsIn } from '../../../support/agedLayout';
import {
  emptyConfig,
  manifestOf,
  pushArtifact,
  sourceOf,
  textBlob,
  type TestBlob,
} from '../../../support/artifacts';

let folder: string;
let layout: OciLayout;

const unused = () => new UnusedBlobs(new LayoutStore(folder));
const pathOf = ({ digest }: Pick<Descriptor, 'digest'>) => path.join(folder, 'blobs/sha256', hexOf(digest));
const pushBlob = ({ descriptor, bytes }: TestBlob) => layout.push(descriptor, sourceOf(bytes));
const digests = (...all: readonly { readonly descriptor: Descriptor }[]) =>
  all.map(({ descriptor }) => descriptor.digest).sort();

/** Puts a manifest's file there as other tools do: index.json does not list it. */
async function writeUnlisted({ descriptor, bytes }: ManifestContent): Promise<void> {
  await writeFile(pathOf(descriptor), bytes);
}

function indexOf(children: readonly ManifestContent[]): ManifestContent {
  const bytes = encodeImageIndex({ manifests: children.map(({ descriptor }) => descriptor) });
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length },
  };
}

async function addToIndex(entry: object): Promise<void> {
  const file = path.join(folder, 'index.json');
  const document = JSON.parse(await readFile(file, 'utf8')) as { manifests: object[] };
  await writeFile(file, JSON.stringify({ ...document, manifests: [...document.manifests, entry] }));
}

describe('Unused blobs of a layout', () => {
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'oci-unused-'));
    layout = new OciLayout(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are those of a manifest that was deleted, and no others', async () => {
    const shared = textBlob('shared');
    const own = textBlob('its own');
    const gone = await pushArtifact(layout, [shared, own]);
    const kept = await pushArtifact(layout, [shared]);
    await layout.tag(kept, 'v1');
    await layout.remove(gone.descriptor);
    await ageBlobs(folder);
    const { blobs, young } = await unused().find();
    assert.deepEqual(
      blobs.map(({ digest, sizeBytes }) => [digest, sizeBytes]),
      [[own.descriptor.digest, own.bytes.length]],
    );
    assert.deepEqual(young, []);
    assert.equal((await blobsIn(folder)).length, 4);
    let removedBytes = 0;
    const removed = await unused().remove({ onBytes: (bytes) => (removedBytes += bytes) });
    assert.deepEqual(removed.blobs, blobs);
    assert.equal(removedBytes, own.bytes.length);
    assert.deepEqual(await blobsIn(folder), digests(shared, emptyConfig, kept));
    assert.deepEqual((await readdir(folder)).sort(), ['.ingest', 'blobs', 'index.json', 'oci-layout']);
  });

  it('are none of what is tagged, untagged, a child of an index, a subject, a referrer', async () => {
    const [one, two, three] = [textBlob('one'), textBlob('two'), textBlob('three')];
    const untagged = await pushArtifact(layout, [one]);
    const child = manifestOf([two]);
    const index = indexOf([indexOf([child])]);
    for (const blob of [two, three]) await pushBlob(blob);
    for (const manifest of [child, indexOf([child])]) await writeUnlisted(manifest);
    await layout.tag(index, 'platforms');
    const subject = manifestOf([three]);
    await writeUnlisted(subject);
    const referrer = await pushArtifact(layout, [], { subject: subject.descriptor });
    const onReferrer = await pushArtifact(layout, [], { subject: referrer.descriptor });
    await pushBlob(textBlob('unused'));
    await ageBlobs(folder);
    assert.equal((await unused().remove()).blobs.length, 1);
    const manifests = [untagged, child, indexOf([child]), index, subject, referrer, onReferrer];
    assert.deepEqual(await blobsIn(folder), digests(one, two, three, emptyConfig, ...manifests));
  });

  it('are none of what a manifest names in members that nobody here knows', async () => {
    const named = textBlob('named');
    await pushArtifact(layout, []);
    await pushBlob(named);
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 1, fsLayers: [{ blobSum: named.descriptor.digest }], history: [] }),
    );
    const descriptor = { mediaType: mediaTypes.dockerSchema1, digest: digestOf(bytes), size: bytes.length };
    await writeUnlisted({ descriptor, bytes });
    await addToIndex(descriptor);
    await ageBlobs(folder);
    assert.deepEqual((await unused().remove()).blobs, []);
  });

  it('stay for an hour after they were written, with all that a manifest among them leads to', async () => {
    const layer = textBlob('layer');
    const child = manifestOf([layer]);
    await pushArtifact(layout, []);
    await pushBlob(layer);
    await writeUnlisted(child);
    await ageBlobs(folder);
    const other = textBlob('just sent');
    await pushBlob(other);
    // Whoever pushes an index asks for its child, and passes over what the child names.
    assert.equal(await layout.exists(child.descriptor), true);
    const { blobs, young } = await unused().find();
    assert.deepEqual(blobs, []);
    assert.deepEqual(young.map(({ digest }) => digest).sort(), digests(child, other));
    assert.equal(
      (await new UnusedBlobs(new LayoutStore(folder), { graceMs: -1000 }).remove()).blobs.length,
      3,
    );
  });

  for (const [how, claim] of [
    ['looked for', (blob: TestBlob) => layout.exists(blob.descriptor)],
    ['pushed again', pushBlob],
    ['mounted', (blob: TestBlob) => layout.mountBlob(blob.descriptor.digest, layout)],
  ] as const) {
    it(`stay when they are ${how}`, async () => {
      const blob = textBlob('wanted');
      await pushBlob(blob);
      await ageBlobs(folder);
      await claim(blob);
      assert.deepEqual((await unused().remove()).blobs, []);
      assert.deepEqual(await blobsIn(folder), digests(blob));
    });
  }

  it('are never removed behind the back of who was told that they are there', async () => {
    const blob = textBlob('raced for');
    await layout.create();
    const seen = new Set<boolean>();
    for (let round = 0; round < 150; round++) {
      await pushBlob(blob);
      await ageBlobs(folder);
      const removing = unused().remove();
      if (round % 3) await delay((round % 10) / 2);
      const isThere = await layout.exists(blob.descriptor);
      await removing;
      // Who is told that it is gone sends it again: it does no harm if it comes back.
      const stayed = (await layout.blobSize(blob.descriptor.digest)) !== undefined;
      assert.ok(stayed || !isThere, `round ${round}`);
      seen.add(isThere);
    }
    assert.equal(seen.size, 2, 'the race always went the same way');
  });

  it('are missed by a manifest that comes too late, which is refused', async () => {
    const layer = textBlob('layer');
    for (const blob of [layer, emptyConfig]) await pushBlob(blob);
    await ageBlobs(folder);
    await unused().remove();
    await assert.rejects(layout.tag(manifestOf([layer]), 'late'), (error) => {
      assert.ok(error instanceof InvalidContentError);
      return error.message.includes(emptyConfig.descriptor.digest);
    });
    assert.equal(await layout.isEmpty(), true);
  });

  /** A store of which a look meets, at its first blob, that the last manifest is removed, or waits to be by its turn. */
  function storeBesideRemovals(removals: Map<Digest, Promise<void>>): LayoutStore {
    const store = new LayoutStore(folder);
    const sizeOf = store.blobs.sizeOf.bind(store.blobs);
    store.blobs.sizeOf = async (digest) => {
      const listed = (await store.index.read()).manifests();
      const last = listed.at(-1);
      if (last && digest === listed[0]?.digest && !removals.has(last.digest)) {
        const removal = layout.remove(last);
        removals.set(last.digest, removal);
        if (!existsSync(path.join(folder, '.index.lock'))) await removal;
      }
      return sizeOf(digest);
    };
    return store;
  }

  it('are found in a sound layout, and removed, while its manifests are being removed at each look', async () => {
    for (let index = 0; index < 30; index += 1)
      await pushArtifact(layout, [], { artifactType: `x/${index}` });
    await pushBlob(textBlob('unused'));
    await ageBlobs(folder);
    const removals = new Map<Digest, Promise<void>>();
    assert.equal((await new UnusedBlobs(storeBesideRemovals(removals)).find()).blobs.length, 1);
    await Promise.all(removals.values());
    assert.equal((await new UnusedBlobs(storeBesideRemovals(removals)).remove()).blobs.length, 1);
    await Promise.all(removals.values());
  });

  it('are all there after a cancel, with what was not deleted yet', async () => {
    const blobs = ['one', 'two', 'three'].map((text) => textBlob(text));
    for (const blob of blobs) await pushBlob(blob);
    await ageBlobs(folder);
    const controller = new AbortController();
    const removing = unused().remove({ signal: controller.signal, onBytes: () => controller.abort() });
    await assert.rejects(removing, { name: 'AbortError' });
    assert.equal((await blobsIn(folder)).length, 2);
    assert.equal((await unused().remove()).blobs.length, 2);
  });

  describe('with an age for manifests without a tag', () => {
    const DAY_MS = 24 * 60 * 60 * 1000;
    const withAge = (untaggedMs = DAY_MS) => new UnusedBlobs(new LayoutStore(folder), { untaggedMs });
    const listed = async () =>
      (await new LayoutStore(folder).index.read()).manifests().map(({ digest }) => digest);

    it('are those of manifests that lost their tag, which stay without it, and are told of', async () => {
      const [old, own] = [textBlob('old'), textBlob('own')];
      const lost = await pushArtifact(layout, [old]);
      const kept = await pushArtifact(layout, [own]);
      await layout.tag(lost, 'v1');
      await layout.tag(kept, 'v1');
      await ageBlobs(folder);
      const { blobs, untagged } = await unused().find();
      assert.deepEqual([blobs.length, untagged.map(({ digest }) => digest)], [0, digests(lost)]);
      await unused().remove();
      assert.equal((await listed()).length, 2);
      const found = await withAge().find();
      assert.deepEqual(found.blobs.map(({ digest }) => digest).sort(), digests(old, lost));
      assert.equal((await listed()).length, 2, 'a look changes nothing');
      assert.deepEqual(await withAge().remove(), found);
      assert.deepEqual(await blobsIn(folder), digests(own, emptyConfig, kept));
      assert.deepEqual(await listed(), digests(kept));
    });

    it('are none of what a tagged manifest leads to, nor of what refers to anything that stays', async () => {
      const child = await pushArtifact(layout, [textBlob('child')]);
      const index = indexOf([child]);
      await layout.tag(index, 'platforms');
      const subject = await pushArtifact(layout, [textBlob('subject')]);
      const tagged = await pushArtifact(layout, [], { subject: subject.descriptor });
      await layout.tag(tagged, 'signature');
      const onIndex = await pushArtifact(layout, [], { subject: index.descriptor, artifactType: 'x/1' });
      const onChild = await pushArtifact(layout, [], { subject: child.descriptor, artifactType: 'x/2' });
      const onReferrer = await pushArtifact(layout, [], { subject: onChild.descriptor });
      const gone = await pushArtifact(layout, [textBlob('gone')]);
      const onGone = await pushArtifact(layout, [], { subject: gone.descriptor, artifactType: 'x/3' });
      await ageBlobs(folder);
      const { untagged } = await withAge().remove();
      assert.deepEqual(untagged.map(({ digest }) => digest).sort(), digests(gone, onGone));
      const all = [child, index, subject, tagged, onIndex, onChild, onReferrer];
      assert.deepEqual((await listed()).sort(), digests(...all));
    });

    it('are none of what was written, asked for or tagged since', async () => {
      const make = (text: string) => pushArtifact(layout, [textBlob(text)]);
      const [pushed, asked, old] = [await make('pushed'), await make('asked for'), await make('old')];
      const [moved, untagged] = [await make('moved on'), await make('untagged')];
      await layout.tag(moved, 'moving');
      await layout.tag(untagged, 'removed');
      await ageBlobs(folder);
      await layout.remove(pushed.descriptor);
      await layout.push(pushed.descriptor, sourceOf(pushed.bytes));
      await layout.exists(asked.descriptor);
      await layout.tag(await pushArtifact(layout, []), 'moving');
      await layout.untag('removed');
      const found = await withAge().find();
      assert.deepEqual(
        found.untagged.map(({ digest }) => digest),
        digests(old),
      );
    });

    it('are listed again where one of their manifests was asked for in the last moment', async () => {
      const manifests = await Promise.all(['a', 'b'].map((text) => pushArtifact(layout, [textBlob(text)])));
      await ageBlobs(folder);
      const store = new LayoutStore(folder);
      const locked = store.index.locked.bind(store.index);
      let asked: Promise<boolean> | undefined;
      const askOnce = () => (asked ??= layout.exists(manifests[0]?.descriptor ?? assert.fail()));
      store.index.locked = <T>(work: LockedWork<T>, options?: WaitOptions) =>
        locked(
          (now, write) =>
            work(now, (next) =>
              write(next)
                .then(askOnce)
                .then(() => undefined),
            ),
          options,
        );
      const { untagged } = await new UnusedBlobs(store, { untaggedMs: DAY_MS }).remove();
      assert.deepEqual(
        untagged.map(({ digest }) => digest),
        [manifests[1]?.descriptor.digest],
      );
      assert.deepEqual(await listed(), [manifests[0]?.descriptor.digest]);
    });

    it('cost no more than one look at each in a long chain of referrers', async () => {
      let last = await pushArtifact(layout, []);
      await layout.tag(last, 'v1');
      for (let index = 0; index < 60; index += 1)
        last = await pushArtifact(layout, [], { subject: last.descriptor });
      await ageBlobs(folder);
      assert.deepEqual((await withAge().find()).untagged, []);
    });
  });

  it('come back when a process was killed while it removed them', async () => {
    const layer = textBlob('layer');
    const artifact = await pushArtifact(layout, [layer]);
    await ageBlobs(folder);
    await mkdir(path.join(folder, '.unused/sha256'), { recursive: true });
    await rename(
      pathOf(layer.descriptor),
      path.join(folder, '.unused/sha256', hexOf(layer.descriptor.digest)),
    );
    assert.deepEqual((await unused().remove()).blobs, []);
    assert.deepEqual(await blobsIn(folder), digests(layer, emptyConfig, artifact));
    assert.ok(!(await readdir(folder)).includes('.unused'));
  });

  describe('are not told from others, and nothing is removed, where', () => {
    const refused: readonly (readonly [
      what: string,
      damage: (artifact: ManifestContent) => Promise<unknown>,
    ])[] = [
      [
        'a manifest is of a kind that is not known',
        () => listText('{"a":1}', 'application/vnd.example+json'),
      ],
      ['something listed is no manifest', () => listText('<xml/>', 'application/xml')],
      ['an entry of index.json has an unknown digest', () => addToIndex({ digest: 'blake3:00', size: 1 })],
      ['a manifest is broken', ({ descriptor }) => writeFile(pathOf(descriptor), 'broken')],
      ['a manifest that is listed is missing', ({ descriptor }) => unlink(pathOf(descriptor))],
      ['index.json is missing', () => unlink(path.join(folder, 'index.json'))],
      ['index.json is not JSON', () => writeFile(path.join(folder, 'index.json'), '{')],
      ['the marker is missing', () => unlink(path.join(folder, 'oci-layout'))],
      ['blobs are shared with other layouts', shareBlobs],
    ];
    for (const [what, damage] of refused) {
      it(what, async () => {
        const artifact = await pushArtifact(layout, [textBlob('layer')]);
        await pushBlob(textBlob('unused'));
        await damage(artifact);
        await ageBlobs(folder);
        const before = await blobsIn(folder);
        await assert.rejects(unused().find(), InvalidContentError);
        await assert.rejects(unused().remove(), InvalidContentError);
        assert.deepEqual(await blobsIn(folder), before);
      });
    }

    async function listText(text: string, mediaType: string): Promise<void> {
      const blob = textBlob(text, mediaType);
      await pushBlob({ ...blob, descriptor: { ...blob.descriptor, mediaType: mediaTypes.octets } });
      await addToIndex(blob.descriptor);
    }

    async function shareBlobs(): Promise<void> {
      const elsewhere = path.join(folder, 'shared');
      await rename(path.join(folder, 'blobs/sha256'), elsewhere);
      await symlink(elsewhere, path.join(folder, 'blobs/sha256'));
    }
  });
});
