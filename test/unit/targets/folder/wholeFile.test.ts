import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FileError } from '../../../../src/oci/errors';
import { readWholeFile, writeWholeFile } from '../../../../src/targets/folder/wholeFile';
import { removeFolder, scratchFolder } from './scratchFolder';

describe('a file that is read or written whole', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await scratchFolder();
  });
  afterEach(() => removeFolder(folder));

  it('is written with the folders above it, over what was there, and leaves nothing beside it', async () => {
    const file = path.join(folder, 'a', 'b.json');
    await writeWholeFile(file, Buffer.from('one'));
    await writeWholeFile(file, Buffer.from('two'));
    assert.equal(await readFile(file, 'utf8'), 'two');
    assert.deepEqual(await readdir(path.dirname(file)), ['b.json']);
  });

  it('is not written where a folder stands, and leaves nothing there', async () => {
    const file = path.join(folder, 'taken');
    await mkdir(file);
    await assert.rejects(writeWholeFile(file, Buffer.from('one')), FileError);
    assert.deepEqual(await readdir(folder), ['taken']);
  });

  it('is read up to its limit', async () => {
    const file = path.join(folder, 'four');
    await writeFile(file, 'four');
    assert.equal((await readWholeFile(file, 4)).toString(), 'four');
    await assert.rejects(readWholeFile(file, 3), { systemCode: 'TOO_LARGE' });
    await assert.rejects(readWholeFile(`${file}-missing`, 4), { systemCode: 'ENOENT' });
  });
});
