import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import {
  ContentMismatchError,
  FileError,
  InvalidContentError,
  NotFoundError,
} from '../../../../src/oci/errors';
import type { ManifestContent } from '../../../../src/oci/target';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { TarLayout } from '../../../../src/targets/layout/tarLayout';
import { writeLayoutTar } from '../../../../src/targets/layout/writeLayoutTar';
import { collect, pushArtifact, textBlob } from '../../../support/artifacts';
import { removeFolder, scratchFolder } from '../folder/scratchFolder';

const run = promisify(execFile);

describe('A tar of a layout', () => {
  let folder: string;
  let layout: OciLayout;
  let archive: string;
  let manifest: ManifestContent;
  const large = textBlob('large '.repeat(100_000));

  beforeEach(async () => {
    folder = await scratchFolder();
    layout = new OciLayout(path.join(folder, 'layout'));
    archive = path.join(folder, 'layout.tar');
    manifest = await pushArtifact(layout, [textBlob('small'), large, textBlob('')]);
    await layout.tag(manifest, 'v1');
    await pushArtifact(layout, [], { subject: manifest.descriptor });
    await writeLayoutTar(layout.root, archive);
  });

  afterEach(() => removeFolder(folder));

  it('is read like the layout', async () => {
    const tar = await TarLayout.open(archive);
    assert.deepEqual(await collect(tar.tags()), ['v1']);
    assert.deepEqual(await tar.resolve('v1'), await layout.resolve('v1'));
    assert.deepEqual((await tar.readManifest('v1')).bytes, Buffer.from(manifest.bytes));
    for (const { descriptor, bytes } of [textBlob('small'), large, textBlob('')]) {
      assert.equal(await tar.exists(descriptor), true);
      assert.deepEqual(await buffer(await tar.fetch(descriptor)), bytes);
    }
    assert.equal((await tar.resolveBlob(large.descriptor.digest)).size, 600_000);
    assert.deepEqual(
      await collect(tar.referrers(manifest.descriptor)),
      await collect(layout.referrers(manifest.descriptor)),
    );
    const absent = textBlob('absent').descriptor;
    assert.equal(await tar.exists(absent), false);
    await assert.rejects(tar.fetch(absent), NotFoundError);
    await assert.rejects(tar.resolve('v2'), NotFoundError);
  });

  it('has the same bytes each time, and takes the place of the one before', async () => {
    const before = await readFile(archive);
    await writeLayoutTar(layout.root, archive);
    assert.deepEqual(await readFile(archive), before);
    assert.deepEqual((await readdir(folder)).sort(), ['layout', 'layout.tar']);
  });

  it('is read by tar, and is no more than the layout', async () => {
    const { stdout } = await run('tar', ['tf', archive]);
    const names = stdout.trim().split('\n');
    assert.deepEqual(names.slice(0, 3), ['oci-layout', 'index.json', 'blobs']);
    const files = (await readdir(path.join(layout.root, 'blobs/sha256'))).sort();
    assert.deepEqual(
      names.slice(4),
      files.map((name) => `blobs/sha256/${name}`),
    );
  });

  it('is read as GNU tar writes it, with dots before the names', async () => {
    await run('tar', ['cf', archive, '-C', layout.root, '.']);
    const tar = await TarLayout.open(archive);
    assert.deepEqual(await buffer(await tar.fetch(large.descriptor)), large.bytes);
  });

  it('is refused when it is cut short, none at all, compressed, or missing', async () => {
    const { length } = await readFile(archive);
    for (const size of [length - 2_000, 700, 100]) {
      await truncate(archive, size);
      await assert.rejects(TarLayout.open(archive), InvalidContentError, String(size));
    }
    await run('tar', ['czf', archive, '-C', layout.root, '.']);
    await assert.rejects(TarLayout.open(archive), /it is compressed with gzip.*decompress it first/);
    for (const [format, hex] of [
      ['zstd', '28b52ffd0458'],
      ['zstd', '5f2a4d180400'],
      ['xz', 'fd377a585a00'],
      ['bzip2', '425a6839314159265359'],
      ['zip', '504b03040a00'],
    ] as const) {
      await writeFile(archive, Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(1000)]));
      await assert.rejects(TarLayout.open(archive), new RegExp(`compressed with ${format}`));
    }
    await run('tar', ['cf', archive, '-C', folder, 'layout']);
    await assert.rejects(TarLayout.open(archive), /it is no archive of an OCI image layout/);
    await assert.rejects(TarLayout.open(path.join(folder, 'absent.tar')), FileError);
  });

  it('gives no bytes that differ from what was asked for', async () => {
    const bytes = await readFile(archive);
    const at = bytes.indexOf('large large');
    bytes.write('LARGE', at);
    await writeFile(archive, bytes);
    const tar = await TarLayout.open(archive);
    await assert.rejects(async () => buffer(await tar.fetch(large.descriptor)), ContentMismatchError);
  });

  it('leaves nothing behind when its writing is stopped', async () => {
    const reason = new Error('no longer wanted');
    const other = path.join(folder, 'other.tar');
    await assert.rejects(writeLayoutTar(layout.root, other, { signal: AbortSignal.abort(reason) }), reason);
    assert.deepEqual((await readdir(folder)).sort(), ['layout', 'layout.tar']);
  });
});
