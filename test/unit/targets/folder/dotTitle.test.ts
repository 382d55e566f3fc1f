import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ConflictPolicy } from '../../../../src/oci/target';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { handmadeTarGz, type HandmadeEntry } from './handmadeTar';
import { layer, type Layer } from './pullFiles';
import { fill, listing, removeFolder, scratchFolder } from './scratchFolder';

describe('A folder that was packed as "."', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'into');
  });
  afterEach(() => removeFolder(scratch));

  const packed = (title: string, entries: readonly HandmadeEntry[]) =>
    layer(title, handmadeTarGz(entries), { unpack: true });
  const content = [
    { path: './', type: 'Directory', mode: 0o500 },
    { path: './b.txt', content: 'b' },
    { path: './sub/', type: 'Directory', mode: 0o750 },
    { path: './sub/a.txt', content: 'a' },
  ] as const;

  const pull = async (layers: readonly Layer[], policy: ConflictPolicy = 'overwrite', root = folder) => {
    const sink = new FolderSink(root);
    try {
      for (const { file, open } of layers) await sink.stage(file, open);
      return [...(await sink.commit(policy))].sort();
    } finally {
      await sink.discard();
    }
  };

  for (const title of ['.', './', './.', './/'])
    it(`is unpacked into the chosen folder, under the title "${title}" too`, async () => {
      assert.deepEqual(await pull([packed(title, content)]), ['b.txt', 'sub/a.txt']);
      assert.deepEqual(await listing(folder), ['b.txt', 'sub', 'sub/a.txt']);
      assert.equal((await stat(path.join(folder, 'sub'))).mode & 0o777, 0o750);
    });

  it('is unpacked where its entries have no "./" in front', async () => {
    const bare = [{ path: 'b.txt', content: 'b' }, { path: 'sub/a.txt' }];
    assert.deepEqual(await pull([packed('.', bare)]), ['b.txt', 'sub/a.txt']);
  });

  it('asks where the chosen folder holds anything, and only there', async () => {
    const { file } = packed('./', content);
    assert.deepEqual(await new FolderSink(folder).conflicts([file]), []);
    await mkdir(folder);
    assert.deepEqual(await new FolderSink(folder).conflicts([file]), []);
    await fill(folder, { other: '' });
    assert.deepEqual(await new FolderSink(folder).conflicts([file]), ['./']);
  });

  it('replaces or keeps each file that exists, and leaves the folder and all else as it was', async () => {
    await fill(folder, { 'sub/a.txt': 'mine', other: 'mine' });
    await chmod(folder, 0o755);
    assert.deepEqual(await pull([packed('.', content)], 'keep'), ['b.txt']);
    assert.equal(await readFile(path.join(folder, 'sub/a.txt'), 'utf8'), 'mine');
    assert.deepEqual(await pull([packed('.', content)]), ['b.txt', 'sub/a.txt']);
    assert.equal(await readFile(path.join(folder, 'sub/a.txt'), 'utf8'), 'a');
    assert.equal(await readFile(path.join(folder, 'other'), 'utf8'), 'mine');
    assert.equal((await stat(folder)).mode & 0o777, 0o755);
    assert.deepEqual(await listing(folder), ['b.txt', 'other', 'sub', 'sub/a.txt']);
  });

  it('is unpacked into a chosen folder that is a link, but through no link in it', async () => {
    await fill(scratch, { 'real/x': 'x', 'outside/a.txt': 'mine' });
    await symlink('real', folder);
    assert.deepEqual(await pull([packed('.', content)]), ['b.txt', 'sub/a.txt']);
    assert.deepEqual(await listing(path.join(scratch, 'real')), ['b.txt', 'sub', 'sub/a.txt', 'x']);
    const other = path.join(scratch, 'other');
    await mkdir(other);
    await symlink('../outside', path.join(other, 'sub'));
    await symlink('../outside/a.txt', path.join(other, 'b.txt'));
    await assert.rejects(pull([packed('.', content)], 'overwrite', other), /stands where a folder belongs/);
    assert.deepEqual(await pull([packed('.', [{ path: './b.txt', content: 'b' }])], 'overwrite', other), [
      'b.txt',
    ]);
    assert.equal((await lstat(path.join(other, 'b.txt'))).isFile(), true);
    assert.equal(await readFile(path.join(scratch, 'outside/a.txt'), 'utf8'), 'mine');
  });

  it('takes other layers in, whichever comes first', async () => {
    const layers = [
      layer('sub/c.txt', 'c'),
      packed('.', content),
      packed('deep/er', [{ path: 'deep/er/d' }]),
    ];
    const expected = ['b.txt', 'deep/er/d', 'sub/a.txt', 'sub/c.txt'];
    assert.deepEqual(await pull(layers), expected);
    assert.deepEqual(await pull(layers.toReversed()), expected);
  });

  it('stays in the chosen folder', async () => {
    for (const [entries, reason] of [
      [[{ path: './../x' }], /"\.\." part/],
      [[{ path: '/x' }], /absolute/],
      [[{ path: './x', type: 'SymbolicLink', linkpath: '../x' }], /outside of the folder/],
      [[{ path: './.', content: 'x' }], /takes the place of the folder/],
    ] as [HandmadeEntry[], RegExp][])
      await assert.rejects(pull([packed('.', entries)]), reason);
    assert.deepEqual(await listing(scratch), []);
  });

  it('cannot be a single file, nor be there twice', async () => {
    await assert.rejects(pull([layer('./', 'x')]), /names no file/);
    const files = [packed('.', content).file, packed('./', [{ path: 'x' }]).file];
    await assert.rejects(new FolderSink(folder).conflicts(files), /same file/);
  });
});
