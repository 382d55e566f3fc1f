import assert from 'node:assert/strict';
import { chmod, lstat, readFile, readlink, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { FileError, UnsafePathError } from '../../../../src/oci/errors';
import type { ConflictPolicy } from '../../../../src/oci/target';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { handmadeTarGz, type HandmadeEntry } from './handmadeTar';
import { layer, type Layer } from './pullFiles';
import { fill, removeFolder, scratchFolder } from './scratchFolder';

describe('What other clients were warned of', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'into');
    await fill(scratch, { 'outside/precious': 'mine', 'into/t/x': 'x' });
    await chmod(path.join(scratch, 'outside/precious'), 0o640);
    await chmod(path.join(scratch, 'outside'), 0o750);
  });
  afterEach(() => removeFolder(scratch));

  const pull = async (layers: readonly Layer[], policy: ConflictPolicy = 'overwrite') => {
    const sink = new FolderSink(folder);
    try {
      await sink.conflicts(layers.map(({ file }) => file));
      for (const { file, open } of layers) await sink.stage(file, open);
      return await sink.commit(policy);
    } finally {
      await sink.discard();
    }
  };
  const packed = (entries: readonly HandmadeEntry[], title = 't') =>
    layer(title, handmadeTarGz(entries), { unpack: true });
  const withMode = ({ file, open }: Layer, mode: number): Layer => ({ file: { ...file, mode }, open });
  const linkTo = (target: string, place: string) => symlink(target, path.join(folder, place));

  /** Nothing outside was written, and its modes are what they were. */
  const outsideIsUntouched = async () => {
    assert.equal(await readFile(path.join(scratch, 'outside/precious'), 'utf8'), 'mine');
    assert.equal((await stat(path.join(scratch, 'outside/precious'))).mode & 0o777, 0o640);
    assert.equal((await stat(path.join(scratch, 'outside'))).mode & 0o777, 0o750);
    await assert.rejects(lstat(path.join(scratch, 'outside/new')), /ENOENT/);
  };
  const isRefused = (error: unknown) => error instanceof UnsafePathError || error instanceof FileError;

  describe('GHSA-2hhj-vj64-hx3j: nothing is written through a link that stands at the target', () => {
    for (const [name, target] of [
      ['a file', '../outside/precious'],
      ['a file that is not there yet', '../outside/new'],
      ['a folder', '../outside'],
    ] as const) {
      it(`where a file belongs, to ${name}`, async () => {
        await linkTo(target, 'file');
        assert.deepEqual(await pull([layer('file', 'theirs')], 'keep'), []);
        assert.equal(await readlink(path.join(folder, 'file')), target);
        assert.deepEqual(await pull([layer('file', 'theirs')]), ['file']);
        assert.equal((await lstat(path.join(folder, 'file'))).isFile(), true);
        await outsideIsUntouched();
      });

      it(`where a file of an archive belongs, to ${name}`, async () => {
        await linkTo(target, 'link');
        await symlink(path.join('..', target), path.join(folder, 't/file'));
        await pull([packed([{ path: 't/file', content: 'theirs' }])]);
        assert.equal((await lstat(path.join(folder, 't/file'))).isFile(), true);
        await pull([packed([{ path: 'link', content: 'theirs' }], '.')]);
        assert.equal((await lstat(path.join(folder, 'link'))).isFile(), true);
        await outsideIsUntouched();
      });

      it(`where a folder belongs, to ${name}`, async () => {
        await linkTo(target, 'dir');
        for (const layers of [
          [layer('dir/new', 'theirs')],
          [packed([{ path: 'dir/new', content: 'theirs' }], 'dir')],
          [packed([{ path: 'dir/new', content: 'theirs' }], '.')],
        ])
          await assert.rejects(pull(layers), isRefused);
        await outsideIsUntouched();
      });
    }

    it('where the link is of the artifact itself', async () => {
      const link = { path: 't/l', type: 'SymbolicLink', linkpath: 'x' } as const;
      await assert.rejects(pull([packed([link, { path: 't/l/new' }])]), /through a link/);
      await assert.rejects(pull([packed([link]), layer('t/l/new', 'theirs')]), isRefused);
      await pull([packed([link, { path: 't/l', content: 'theirs' }, { path: 't/x', content: 'own' }])]);
      assert.equal(await readFile(path.join(folder, 't/x'), 'utf8'), 'own');
      await assert.rejects(
        pull([packed([link, { path: 't/h', type: 'Link', linkpath: 't/l' }])]),
        /no file of this archive/,
      );
      await outsideIsUntouched();
    });
  });

  describe('GHSA-jh75-xv39-vhvx: no mode is changed through a link', () => {
    it('of a file that a link stands for', async () => {
      await linkTo('../outside/precious', 'file');
      await pull([withMode(layer('file', 'theirs'), 0o777)]);
      await linkTo('../outside/precious', 'tool');
      await pull([layer('tool', 'theirs')]);
      await outsideIsUntouched();
    });

    it('of a folder that a link stands for', async () => {
      await linkTo('../../outside', 't/dir');
      await linkTo('../outside', 'dir');
      const dir = (place: string): HandmadeEntry => ({ path: place, type: 'Directory', mode: 0o700 });
      await assert.rejects(pull([packed([dir('t'), dir('t/dir')])]), isRefused);
      await assert.rejects(pull([packed([dir('dir')], 'dir')]), isRefused);
      await assert.rejects(pull([packed([dir('.'), dir('./dir')], '.')]), isRefused);
      await outsideIsUntouched();
    });

    it('by an archive that makes the link itself, before the folder or behind it', async () => {
      const dir: HandmadeEntry = { path: 't/l', type: 'Directory', mode: 0o700 };
      for (const linkpath of ['x', '.', '../outside', path.join(scratch, 'outside')]) {
        const link: HandmadeEntry = { path: 't/l', type: 'SymbolicLink', linkpath };
        await assert.rejects(pull([packed([link, dir])]), UnsafePathError);
        await assert.rejects(pull([packed([dir, link])]), UnsafePathError);
        await assert.rejects(pull([packed([link]), packed([dir], 't/l')]), isRefused);
      }
      await outsideIsUntouched();
    });
  });
});
