import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { signatureTagsOf } from '../../../src/oci/signatureTags';
import { emptyDescriptor } from '../../../src/operations/artifactManifest';
import { copy } from '../../../src/operations/copy';
import { copyTags } from '../../../src/operations/copyTags';
import { discover } from '../../../src/operations/discover';
import { DryRun } from '../../../src/operations/dryRun';
import { planDelete } from '../../../src/operations/planDelete';
import { referringTo } from '../../../src/operations/referring';
import { OciLayout } from '../../../src/targets/layout/ociLayout';
import { MemoryTarget } from '../../../src/targets/memory';
import { collect } from '../../support/artifacts';
import { putIndex, putLayer, putManifest } from './artifacts';

type Ending = 'sig' | 'att' | 'sbom';

const tagOf = ({ digest }: Descriptor, ending: Ending) => `${digest.replace(':', '-')}.${ending}`;

/** As cosign writes it: a layer for each signature, told apart by its annotation alone. */
function putSignature(
  target: MemoryTarget,
  about: Descriptor,
  { ending = 'sig', texts = ['one'] }: { ending?: Ending; texts?: readonly string[] } = {},
): Descriptor {
  const payload = putLayer(target, `payload of ${ending}`);
  const layers = texts.map((text) => ({
    ...payload,
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    annotations: { 'dev.cosignproject.cosign/signature': text },
  }));
  const bytes = encodeImageManifest({ config: emptyDescriptor, layers });
  return target.put(mediaTypes.ociManifest, bytes, tagOf(about, ending));
}

describe('Signatures under the tags of cosign', () => {
  let source: MemoryTarget;
  let destination: MemoryTarget;
  let root: Descriptor;

  beforeEach(() => {
    source = new MemoryTarget();
    source.put(mediaTypes.ociEmpty, Buffer.from('{}'));
    destination = new MemoryTarget();
    root = putManifest(source, [putLayer(source, 'x')], 'v1');
  });

  const copied = async (options: Parameters<typeof copy>[3] = {}) => {
    const result = await copy(source, destination, 'v1', { tags: ['v1'], referrers: true, ...options });
    return { result, tags: (await collect(destination.tags())).filter((tag) => tag !== 'v1') };
  };

  it('have names that a digest gives, as far as they fit a tag', () => {
    const hex = root.digest.slice('sha256:'.length);
    assert.deepEqual(signatureTagsOf(root.digest), [
      { tag: `sha256-${hex}.sig`, kind: 'signature' },
      { tag: `sha256-${hex}.att`, kind: 'attestation' },
      { tag: `sha256-${hex}.sbom`, kind: 'SBOM' },
    ]);
    assert.deepEqual(signatureTagsOf(digestOf('x', 'sha512')), []);
  });

  for (const ending of ['sig', 'att', 'sbom'] as const) {
    it(`come along with a copy (.${ending}), whole`, async () => {
      const signature = putSignature(source, root, { ending });
      const { tags, result } = await copied();
      assert.deepEqual(tags, [tagOf(root, ending)]);
      const { bytes } = await destination.readManifest(tagOf(root, ending));
      assert.equal(digestOf(bytes), signature.digest);
      assert.equal(await destination.exists(putLayer(source, `payload of ${ending}`)), true);
      assert.deepEqual([result.referrers, result.keptSignatureTags], [1, []]);
    });
  }

  it('come along for the platforms of an index, and for what signs them', async () => {
    const index = putIndex(source, [root], 'v1');
    const ofIndex = putSignature(source, index);
    const sbom = putSignature(source, root, { ending: 'sbom' });
    putSignature(source, sbom);
    const { tags } = await copied();
    const expected = [tagOf(index, 'sig'), tagOf(root, 'sbom'), tagOf(sbom, 'sig')];
    assert.deepEqual(tags.sort(), expected.sort());
    assert.equal(await destination.exists(ofIndex), true);
  });

  it('come along for the chosen platforms alone', async () => {
    const platform = { os: 'linux', architecture: 'arm64' };
    const other = putManifest(source, [putLayer(source, 'other')]);
    const platforms = [
      { ...root, platform: { os: 'linux', architecture: 'amd64' } },
      { ...other, platform },
    ];
    const index = putIndex(source, platforms, 'v1');
    for (const each of [root, other, index]) putSignature(source, each, { texts: [each.digest] });
    const { tags } = await copied({ platforms: [platform] });
    assert.deepEqual(tags, [tagOf(other, 'sig')]);
  });

  it('stay without referrers', async () => {
    putSignature(source, root);
    assert.deepEqual((await copied({ referrers: false })).tags, []);
  });

  it('come along when the rest is there already', async () => {
    await copied();
    putSignature(source, root);
    assert.deepEqual((await copied()).tags, [tagOf(root, 'sig')]);
    const again = await copied();
    assert.equal(again.result.pushedBytes, 0);
  });

  it('come along with the tags of a backup, and back with a restore', async () => {
    putSignature(source, root);
    putManifest(source, [putLayer(source, 'not asked for')], 'v2');
    const folder = await mkdtemp(path.join(tmpdir(), 'oci-signatures-'));
    try {
      const layout = new OciLayout(folder);
      await copyTags(source, layout, { tags: ['v1'], referrers: true });
      await copyTags(layout, destination, { tags: ['v1'], referrers: true });
      assert.deepEqual(await collect(destination.tags()), [tagOf(root, 'sig'), 'v1'].sort());
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are in a dry run', async () => {
    putSignature(source, root);
    const dryRun = new DryRun(destination);
    await copy(source, dryRun, 'v1', { tags: ['v1'], referrers: true });
    assert.deepEqual(dryRun.tags.map(({ tag }) => tag).sort(), [tagOf(root, 'sig'), 'v1'].sort());
  });

  it('that the destination alone has are kept, and the tag is named', async () => {
    putSignature(source, root, { texts: ['one', 'two'] });
    const theirs = putSignature(destination, root, { texts: ['one', 'three'] });
    const { result } = await copied();
    assert.deepEqual(result.keptSignatureTags, [tagOf(root, 'sig')]);
    assert.equal((await destination.resolve(tagOf(root, 'sig'))).digest, theirs.digest);
    const many = await copyTags(source, destination, { tags: ['v1'], referrers: true });
    assert.deepEqual(many.keptSignatureTags, [tagOf(root, 'sig')]);
  });

  it('take the place of fewer at the destination', async () => {
    const ours = putSignature(source, root, { texts: ['one', 'two'] });
    putSignature(destination, root, { texts: ['two'] });
    const { result } = await copied();
    assert.deepEqual(result.keptSignatureTags, []);
    assert.equal((await destination.resolve(tagOf(root, 'sig'))).digest, ours.digest);
  });

  it('that cannot be used are left out, and the rest is copied', async () => {
    source.put(mediaTypes.ociManifest, Buffer.from('{"config":1}'), tagOf(root, 'sig'));
    putSignature(source, root, { ending: 'att' });
    const { tags } = await copied();
    assert.deepEqual(tags, [tagOf(root, 'att')]);
  });

  it('are no manifest that the registry gives for its own digest in a tag', async () => {
    const { bytes } = await source.readManifest('v1');
    source.put(mediaTypes.ociManifest, bytes, tagOf(root, 'sig'));
    assert.deepEqual((await copied()).tags, []);
  });

  it('are listed before a delete, those of platforms too', async () => {
    const index = putIndex(source, [root], 'v1');
    putSignature(source, index);
    putSignature(source, root, { ending: 'att' });
    const expected = [
      { tag: tagOf(index, 'sig'), kind: 'signature' },
      { tag: tagOf(root, 'att'), kind: 'attestation' },
    ];
    assert.deepEqual((await planDelete(source, 'v1')).signatureTags, expected);
    const few = await planDelete(source, 'v1', { maxTags: 1 });
    assert.deepEqual(
      few.signatureTags.map(({ tag, kind }) => ({ tag, kind })),
      expected,
    );
  });

  it('are found with the referrers, unless a type is asked for', async () => {
    const signature = putSignature(source, root);
    const { root: tree } = await discover(source, 'v1');
    const { tag } = { tag: tagOf(root, 'sig') };
    assert.deepEqual(
      tree.referrers.map(({ descriptor, signature: by }) => [descriptor.digest, by]),
      [[signature.digest, { tag, kind: 'signature' }]],
    );
    const rows = await collect(referringTo(source, root));
    assert.deepEqual(rows, [{ descriptor: signature, signature: { tag, kind: 'signature' } }]);
    const artifactType = 'application/vnd.example.note';
    assert.deepEqual((await discover(source, 'v1', { artifactType })).root.referrers, []);
    assert.deepEqual(await collect(referringTo(source, root, { artifactType })), []);
  });

  it('that cannot be looked for leave the list of referrers as it is, with a note', async () => {
    const failing = Object.assign(Object.create(source) as MemoryTarget, {
      resolve: () => Promise.reject(new Error('refused')),
    });
    const missing: unknown[] = [];
    const rows = referringTo(failing, root, { onMissing: (error) => missing.push(error) });
    assert.deepEqual(await collect(rows), []);
    assert.match(String(missing), /refused/);
    await assert.rejects(collect(referringTo(failing, root)), /refused/);
  });
});
