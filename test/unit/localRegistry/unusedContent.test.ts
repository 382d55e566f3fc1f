import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../../../src/oci/digest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import type { ManifestContent } from '../../../src/oci/target';
import { collectUnused } from '../../../src/localRegistry/unusedContent';
import { ageBlobs, blobsIn } from '../../support/agedLayout';
import { manifestOf, emptyConfig, textBlob } from '../../support/artifacts';
import { startEmbeddedRegistry, type EmbeddedRegistry } from '../../support/embeddedRegistry';
import { ask, errorCode, pushBlob } from './registryClient';

const layer = textBlob('layer');
const manifest = manifestOf([layer]);

describe('Unused content of the local registry', () => {
  let registry: EmbeddedRegistry;
  beforeEach(async () => {
    registry = await startEmbeddedRegistry();
  });
  afterEach(() => registry.stop());

  const folderOf = (name: string) => path.join(registry.root, name);
  const collect = (dryRun = false) => collectUnused({ kind: 'registry', folder: registry.root }, { dryRun });
  const putManifest = (name: string) =>
    ask(registry.host, 'PUT', `/v2/${name}/manifests/v1`, {
      body: manifest.bytes,
      headers: { 'content-type': mediaTypes.ociManifest },
    });

  async function pushAll(name: string): Promise<void> {
    for (const { bytes } of [layer, emptyConfig]) await pushBlob(registry.host, name, bytes);
    assert.equal((await putManifest(name)).status, 201);
  }

  it('is found in each repository, those without manifests too, and removed', async () => {
    await pushAll('kept');
    await pushBlob(registry.host, 'kept/below', 'only uploaded');
    await pushAll('emptied');
    await ask(registry.host, 'DELETE', `/v2/emptied/manifests/${manifest.descriptor.digest}`);
    for (const name of ['kept', 'kept/below', 'emptied']) await ageBlobs(folderOf(name));
    const found = await collect(true);
    const none = { count: 0, sizeBytes: 0 };
    assert.deepEqual(found, {
      layouts: [
        {
          name: 'emptied',
          removable: { count: 2, sizeBytes: layer.bytes.length + 2 },
          young: none,
          untagged: none,
        },
        { name: 'kept', removable: none, young: none, untagged: none },
        { name: 'kept/below', removable: { count: 1, sizeBytes: 13 }, young: none, untagged: none },
      ],
      temporary: none,
    });
    assert.equal((await blobsIn(folderOf('emptied'))).length, 2);
    assert.deepEqual(await collect(), found);
    assert.deepEqual(await blobsIn(folderOf('emptied')), []);
    assert.equal((await blobsIn(folderOf('kept'))).length, 3);
    assert.deepEqual(
      (await collect()).layouts.map(({ removable }) => removable.count),
      [0, 0, 0],
    );
  });

  it('has manifests without a tag in it where an age is given, except referrers of what stays', async () => {
    const put = (manifest: ManifestContent, reference: string) =>
      ask(registry.host, 'PUT', `/v2/app/manifests/${reference}`, {
        body: manifest.bytes,
        headers: { 'content-type': mediaTypes.ociManifest },
      });
    await pushAll('app');
    const signature = manifestOf([], { subject: manifest.descriptor });
    const [lost, moved] = [
      manifestOf([], { artifactType: 'x/lost' }),
      manifestOf([], { artifactType: 'x/moved' }),
    ];
    await put(signature, signature.descriptor.digest);
    await put(lost, 'latest');
    await put(moved, 'latest');
    await ageBlobs(folderOf('app'));
    const place = { kind: 'registry', folder: registry.root } as const;
    const untaggedMs = 24 * 60 * 60 * 1000;
    const [kept] = (await collect(true)).layouts;
    assert.deepEqual([kept?.removable.count, kept?.untagged.count], [0, 1]);
    const [found] = (await collectUnused(place, { dryRun: true, untaggedMs })).layouts;
    assert.deepEqual([found?.removable.count, found?.untagged.count], [1, 1]);
    assert.deepEqual((await collectUnused(place, { untaggedMs })).layouts, [found]);
    const status = async (reference: string) =>
      (await ask(registry.host, 'GET', `/v2/app/manifests/${reference}`)).status;
    const rest = [signature, lost, moved].map(({ descriptor }) => status(descriptor.digest));
    assert.deepEqual(await Promise.all([status('v1'), status('latest'), ...rest]), [200, 200, 200, 404, 200]);
  });

  it('keeps the other repositories from nothing where one is not understood', async () => {
    for (const name of ['broken', 'sound']) await pushBlob(registry.host, name, 'unused');
    for (const name of ['broken', 'sound']) await ageBlobs(folderOf(name));
    await writeFile(path.join(folderOf('broken'), 'index.json'), '{');
    const { layouts } = await collect();
    assert.match(layouts[0]?.problem ?? '', /index\.json cannot be used: it is not JSON/);
    assert.deepEqual(
      layouts.map(({ removable }) => removable.count),
      [0, 1],
    );
    assert.equal((await blobsIn(folderOf('broken'))).length, 1);
  });

  for (const [how, claim] of [
    ['asked for', (host: string) => ask(host, 'HEAD', `/v2/app/blobs/${layer.descriptor.digest}`)],
    [
      'mounted',
      (host: string) =>
        ask(host, 'POST', `/v2/other/blobs/uploads/?mount=${layer.descriptor.digest}&from=app`),
    ],
    ['uploaded again', (host: string) => pushBlob(host, 'app', layer.bytes)],
  ] as const) {
    it(`is no blob that was ${how} within the hour`, async () => {
      await pushBlob(registry.host, 'app', layer.bytes);
      await ageBlobs(folderOf('app'));
      await claim(registry.host);
      const { layouts } = await collect();
      assert.ok(layouts.every(({ removable, young }) => removable.count === 0 && young.count === 1));
    });
  }

  it('is no manifest that was asked for within the hour, nor what it names', async () => {
    await pushAll('app');
    await ageBlobs(folderOf('app'));
    await ask(registry.host, 'HEAD', '/v2/app/manifests/v1');
    // As a tool does that forgets a manifest without deleting it.
    await writeFile(path.join(folderOf('app'), 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    assert.equal((await collect()).layouts[0]?.removable.count, 0);
  });

  it('makes a manifest that comes too late fail by name, never half there', async () => {
    for (const { bytes } of [layer, emptyConfig]) await pushBlob(registry.host, 'app', bytes);
    await ageBlobs(folderOf('app'));
    await collect();
    const late = await putManifest('app');
    assert.equal(late.status, 404);
    assert.equal(errorCode(late), 'MANIFEST_BLOB_UNKNOWN');
  });

  it('are uploads and temporary files that nobody continued for a day', async () => {
    const begun = await ask(registry.host, 'POST', '/v2/app/blobs/uploads/');
    const abandoned = await ask(registry.host, 'POST', '/v2/app/blobs/uploads/');
    const idOf = ({ headers }: typeof begun) => String(headers['docker-upload-uuid']);
    await ask(registry.host, 'PATCH', String(abandoned.headers['location']), { body: 'some bytes' });
    await mkdir(folderOf('.staging'), { recursive: true });
    await writeFile(folderOf('.staging/blob-old'), 'left');
    for (const id of [idOf(begun), idOf(abandoned)]) await utimes(folderOf(`.uploads/${id}`), 0, 0);
    for (const file of ['data', 'repository'])
      await utimes(folderOf(`.uploads/${idOf(abandoned)}/${file}`), 0, 0);
    await utimes(folderOf('.staging/blob-old'), 0, 0);
    const expected = { count: 2, sizeBytes: 'some bytes'.length + 'app'.length + 'left'.length };
    assert.deepEqual((await collect(true)).temporary, expected);
    assert.deepEqual((await collect()).temporary, expected);
    assert.deepEqual(await readdir(folderOf('.uploads')), [idOf(begun)]);
    const gone = await ask(registry.host, 'PATCH', String(abandoned.headers['location']), { body: 'more' });
    assert.equal(errorCode(gone), 'BLOB_UPLOAD_UNKNOWN');
    const goesOn = `${String(begun.headers['location'])}?digest=${digestOf('goes on')}`;
    assert.equal((await ask(registry.host, 'PUT', goesOn, { body: 'goes on' })).status, 201);
  });

  it('is found in one layout by its folder', async () => {
    await pushBlob(registry.host, 'app', layer.bytes);
    await ageBlobs(folderOf('app'));
    const { layouts } = await collectUnused({ kind: 'layout', folder: folderOf('app') });
    assert.deepEqual(
      layouts.map(({ name, removable }) => [name, removable.count]),
      [[folderOf('app'), 1]],
    );
    const { layouts: none } = await collectUnused({ kind: 'layout', folder: registry.root });
    assert.match(none[0]?.problem ?? '', /is no OCI image layout/);
  });
});
