import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../../../src/oci/errors';
import { layoutBackup } from '../../../../src/targets/layout/layoutBackup';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { TarLayout } from '../../../../src/targets/layout/tarLayout';
import { collect, pushArtifact, textBlob } from '../../../support/artifacts';
import { fill, listing, removeFolder, scratchFolder } from '../folder/scratchFolder';

describe('A backup on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await scratchFolder();
  });
  afterEach(() => removeFolder(folder));

  const write = async (file: string) => {
    const backup = await layoutBackup(file);
    await backup.content.tag(await pushArtifact(backup.content, [textBlob('content')]), 'v1');
    return backup;
  };

  it('is a layout folder, to which the next is added', async () => {
    const file = path.join(folder, 'backup');
    const first = await write(file);
    await first.finish();
    await first.discard();
    const second = await layoutBackup(file);
    const manifest = await pushArtifact(second.content, [textBlob('more')]);
    await second.content.tag(manifest, 'v2');
    await second.discard();
    assert.deepEqual(await collect(new OciLayout(file).tags()), ['v1', 'v2']);
  });

  it('is one archive, with progress in bytes and nothing left beside it', async () => {
    const file = path.join(folder, 'backup.tar');
    const backup = await write(file);
    assert.ok(!(await listing(folder)).includes('backup.tar'));
    let sizeBytes = 0;
    let packedBytes = 0;
    await backup.finish({
      onSize: (bytes) => (sizeBytes = bytes),
      onBytes: (bytes) => (packedBytes += bytes),
    });
    await backup.discard();
    assert.deepEqual(await listing(folder), ['backup.tar']);
    assert.deepEqual(await collect((await TarLayout.open(file)).tags()), ['v1']);
    assert.ok(sizeBytes > 0 && packedBytes >= sizeBytes);
  });

  it('leaves the archive that was there as it was when it is given up', async () => {
    await fill(folder, { 'backup.tar': 'old' });
    const file = path.join(folder, 'backup.tar');
    await (await write(file)).discard();
    assert.deepEqual(await listing(folder), ['backup.tar']);
    assert.equal(await readFile(file, 'utf8'), 'old');
  });

  it('goes on in a folder whose making was cut short, before the marker', async () => {
    const file = path.join(folder, 'backup');
    await fill(file, {
      'index.json': '{"schemaVersion":2,"manifests":[]}',
      '.ingest/marker-1': '',
      'blobs/x': '',
    });
    await (await write(file)).finish();
    assert.ok((await listing(file)).includes('oci-layout'));
    assert.deepEqual(await collect(new OciLayout(file).tags()), ['v1']);
  });

  it('does not spread over a folder with other things in it', async () => {
    await fill(folder, { 'notes.txt': 'mine' });
    await assert.rejects(layoutBackup(folder), FileError);
    assert.deepEqual(await listing(folder), ['notes.txt']);
  });
});
