import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../../../src/oci/errors';
import { layoutBackup } from '../../../../src/targets/layout/layoutBackup';
import { OciLayout } from '../../../../src/targets/layout/ociLayout';
import { TarLayout } from '../../../../src/targets/layout/tarLayout';
import { TransferStore } from '../../../../src/targets/transfers/transferStore';
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

  describe('that can be continued', () => {
    const file = () => path.join(folder, 'out/backup.tar');
    const opened = async () => {
      const transfer = await new TransferStore(path.join(folder, 'transfers')).open('backup');
      assert.ok(transfer);
      return transfer;
    };
    /** A try that is stopped when one tag is there. */
    const stopped = async () => {
      const keeper = await opened();
      const backup = await layoutBackup(file(), keeper);
      const manifest = await pushArtifact(backup.content, [textBlob('content')]);
      await backup.content.tag(manifest, 'v1');
      await backup.discard();
      await keeper.close();
      return manifest;
    };

    it('has what an earlier try received, of which nothing shows beside the archive', async () => {
      const { descriptor } = await stopped();
      assert.deepEqual(await listing(path.join(folder, 'out')), []);
      const [kept] = await new TransferStore(path.join(folder, 'transfers')).list();
      assert.ok(kept && kept.keptBytes > descriptor.size, `${kept?.keptBytes} bytes`);
      const keeper = await opened();
      const backup = await layoutBackup(file(), keeper);
      assert.equal(await backup.content.exists(descriptor), true);
      await backup.content.tag(await pushArtifact(backup.content, [textBlob('more')]), 'v2');
      await backup.finish();
      await backup.discard();
      await keeper.remove();
      assert.deepEqual(await listing(path.join(folder, 'out')), ['backup.tar']);
      assert.deepEqual(await listing(path.join(folder, 'transfers')), []);
      assert.deepEqual(await collect((await TarLayout.open(file())).tags()), ['v1', 'v2']);
    });

    it('leaves nothing when it is taken off the list', async () => {
      await stopped();
      assert.equal(await new TransferStore(path.join(folder, 'transfers')).remove('backup'), true);
      assert.deepEqual(await listing(folder), ['out', 'transfers']);
    });
  });

  it('does not spread over a folder with other things in it', async () => {
    await fill(folder, { 'notes.txt': 'mine' });
    await assert.rejects(layoutBackup(folder), FileError);
    assert.deepEqual(await listing(folder), ['notes.txt']);
  });
});
