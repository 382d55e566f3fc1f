import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { digestOf } from '../../src/oci/digest';
import { ContentMismatchError, NotFoundError } from '../../src/oci/errors';
import type { BlobResolver, Reader, ReferrerLister, Remover, TagLister, Writer } from '../../src/oci/target';
import { collect, manifestOf, pushArtifact, sourceOf, textBlob } from './artifacts';

/** A target under contract. Without `remover` the removing behaviours are not asked for. */
export interface ContractSubject {
  readonly target: Reader & BlobResolver & Writer & TagLister & ReferrerLister;
  readonly remover?: Remover;
}

/**
 * The behaviours that every readable and writable target has. `open` gives an empty target; what it needs is started
 * and stopped by the suite that calls this.
 */
export function describeTargetContract(name: string, open: () => Promise<ContractSubject>): void {
  describe(`${name} as a target`, () => {
    describeBlobs(open);
    describeManifests(open);
    describeReferrers(open);
    describeRemoval(open);
  });
}

function describeBlobs(open: () => Promise<ContractSubject>): void {
  it('gives back the bytes of a blob', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('some bytes');
    assert.equal(await target.exists(descriptor), false);
    await target.push(descriptor, sourceOf(bytes));
    assert.equal(await target.exists(descriptor), true);
    assert.deepEqual(await buffer(await target.fetch(descriptor)), bytes);
  });

  it('tells the size of a blob by its digest', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('sized');
    await target.push(descriptor, sourceOf(bytes));
    const { digest, size } = await target.resolveBlob(descriptor.digest);
    assert.deepEqual({ digest, size }, { digest: descriptor.digest, size: 5 });
    await assert.rejects(target.resolveBlob(digestOf('absent')), NotFoundError);
  });

  it('takes a blob of no bytes', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('');
    await target.push(descriptor, sourceOf(bytes));
    assert.deepEqual(await buffer(await target.fetch(descriptor)), bytes);
  });

  it('takes a blob that is there already', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('twice');
    await target.push(descriptor, sourceOf(bytes));
    await target.push(descriptor, sourceOf(bytes));
    assert.deepEqual(await buffer(await target.fetch(descriptor)), bytes);
  });

  it('takes a blob with a sha512 digest', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('long digest');
    const longer = { ...descriptor, digest: digestOf(bytes, 'sha512') };
    await target.push(longer, sourceOf(bytes));
    assert.deepEqual(await buffer(await target.fetch(longer)), bytes);
  });

  it('refuses a blob whose bytes differ, and keeps nothing', async () => {
    const { target } = await open();
    const { descriptor } = textBlob('expected bytes');
    await assert.rejects(
      target.push(descriptor, sourceOf(Buffer.from('unexpected byte'.slice(0, descriptor.size)))),
    );
    assert.equal(await target.exists(descriptor), false);
  });

  it('fails a fetch when the content has another size than the descriptor says', async () => {
    const { target } = await open();
    const { descriptor, bytes } = textBlob('sized');
    await target.push(descriptor, sourceOf(bytes));
    await assert.rejects(
      async () => buffer(await target.fetch({ ...descriptor, size: bytes.length + 1 })),
      ContentMismatchError,
    );
  });

  it('tells what was not found', async () => {
    const { target } = await open();
    const { descriptor } = textBlob('never pushed');
    await assert.rejects(
      async () => buffer(await target.fetch(descriptor)),
      (error) => error instanceof Error && error.message.includes(descriptor.digest),
    );
  });
}

function describeManifests(open: () => Promise<ContractSubject>): void {
  it('resolves and reads a manifest by tag and by digest', async () => {
    const { target } = await open();
    const manifest = await pushArtifact(target, [textBlob('layer')]);
    await target.tag(manifest, 'v1');
    for (const reference of ['v1', manifest.descriptor.digest]) {
      const { mediaType, digest, size } = await target.resolve(reference);
      assert.deepEqual({ mediaType, digest, size }, manifest.descriptor);
      const read = await target.readManifest(reference);
      assert.deepEqual(Buffer.from(read.bytes), Buffer.from(manifest.bytes));
      assert.equal(read.descriptor.digest, manifest.descriptor.digest);
    }
    assert.equal(await target.exists(manifest.descriptor), true);
    assert.deepEqual(await buffer(await target.fetch(manifest.descriptor)), Buffer.from(manifest.bytes));
  });

  it('moves a tag to another manifest', async () => {
    const { target } = await open();
    const first = await pushArtifact(target, [textBlob('first')]);
    const second = await pushArtifact(target, [textBlob('second')]);
    await target.tag(first, 'moving');
    await target.tag(second, 'moving');
    assert.equal((await target.resolve('moving')).digest, second.descriptor.digest);
    assert.deepEqual(await collect(target.tags()), ['moving']);
  });

  it('lists tags, and from behind a name', async () => {
    const { target } = await open();
    const manifest = await pushArtifact(target, [textBlob('tagged')]);
    for (const tag of ['b', 'c', 'a']) await target.tag(manifest, tag);
    // distribution 2.8 gives them in no order.
    assert.deepEqual((await collect(target.tags())).sort(), ['a', 'b', 'c']);
    assert.deepEqual((await collect(target.tags({ last: 'a' }))).sort(), ['b', 'c']);
  });

  it('says that a tag is not there', async () => {
    const { target } = await open();
    await pushArtifact(target, [textBlob('untagged')]);
    await assert.rejects(target.resolve('absent'), NotFoundError);
    await assert.rejects(target.readManifest('absent'), NotFoundError);
  });

  it('refuses a manifest whose bytes differ', async () => {
    const { target } = await open();
    const manifest = await pushArtifact(target, [textBlob('layer')]);
    const other = { ...manifest.descriptor, digest: digestOf('other bytes') };
    await assert.rejects(target.push(other, sourceOf(manifest.bytes)), ContentMismatchError);
  });

  it('stops with the reason of an abort', async () => {
    const { target } = await open();
    const reason = new Error('no longer wanted');
    await assert.rejects(target.resolve('v1', { signal: AbortSignal.abort(reason) }), reason);
  });
}

function describeReferrers(open: () => Promise<ContractSubject>): void {
  it('lists what refers to a manifest, by type when asked', async () => {
    const { target } = await open();
    const subject = await pushArtifact(target, [textBlob('subject')]);
    assert.deepEqual(await collect(target.referrers(subject.descriptor)), []);
    const fields = { subject: subject.descriptor, annotations: { 'com.example.a': 'b' } };
    const note = await pushArtifact(target, [textBlob('note')], fields);
    const other = await pushArtifact(target, [], {
      ...fields,
      artifactType: 'application/vnd.example.other',
    });
    const listed = await collect(target.referrers(subject.descriptor));
    assert.deepEqual(
      listed.map(({ digest }) => digest).sort(),
      [note.descriptor.digest, other.descriptor.digest].sort(),
    );
    const artifactType = 'application/vnd.example.other';
    const whole = { ...other.descriptor, annotations: fields.annotations, artifactType };
    const byType = await collect(target.referrers(subject.descriptor, { artifactType }));
    assert.deepEqual(byType, [whole]);
  });

  it('lists what refers to a manifest that is not there', async () => {
    const { target } = await open();
    const absent = manifestOf([textBlob('absent')]);
    const note = await pushArtifact(target, [textBlob('note')], { subject: absent.descriptor });
    const listed = await collect(target.referrers(absent.descriptor));
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [note.descriptor.digest],
    );
  });
}

function describeRemoval(open: () => Promise<ContractSubject>): void {
  it('removes a referrer from the list of its subject', async function () {
    const { target, remover } = await open();
    if (!remover) return;
    const subject = await pushArtifact(target, [textBlob('subject')]);
    const fields = { subject: subject.descriptor };
    const [kept, removed] = [
      await pushArtifact(target, [textBlob('kept')], fields),
      await pushArtifact(target, [textBlob('removed')], fields),
    ];
    await remover.remove(removed.descriptor);
    const listed = await collect(target.referrers(subject.descriptor));
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [kept.descriptor.digest],
    );
  });

  it('removes a manifest with every tag on it', async function () {
    const { target, remover } = await open();
    if (!remover) return;
    const manifest = await pushArtifact(target, [textBlob('to be removed')]);
    await target.tag(manifest, 'one');
    await target.tag(manifest, 'two');
    await remover.remove(manifest.descriptor);
    await assert.rejects(target.resolve('one'), NotFoundError);
    await assert.rejects(target.resolve(manifest.descriptor.digest), NotFoundError);
    await assert.rejects(remover.remove(manifest.descriptor), NotFoundError);
  });
}
