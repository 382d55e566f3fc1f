import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { ContentMismatchError, FileError, UnsafePathError } from '../../../../src/oci/errors';
import type { ConflictPolicy } from '../../../../src/oci/target';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { handmadeTarGz } from './handmadeTar';
import { layer, type Layer } from './pullFiles';
import { fill, listing, removeFolder, scratchFolder } from './scratchFolder';

describe('FolderSink', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'deep', 'into');
  });

  afterEach(() => removeFolder(scratch));

  const write = async (layers: readonly Layer[], policy: ConflictPolicy = 'overwrite') => {
    const sink = new FolderSink(folder);
    try {
      await sink.conflicts(layers.map(({ file }) => file));
      for (const { file, open } of layers) await sink.stage(file, open);
      return await sink.commit(policy);
    } catch (error) {
      await sink.discard();
      throw error;
    }
  };

  it('writes files below folders that it makes, and leaves no staging behind', async () => {
    const big = Buffer.alloc(9_000_001, 'big');
    const written = await write([layer('a/b.txt', 'one'), layer('./c//d', big), layer('none', '')]);
    assert.deepEqual(written, ['none', 'a/b.txt', 'c/d']);
    assert.deepEqual(await listing(folder), ['a', 'a/b.txt', 'c', 'c/d', 'none']);
    assert.equal(await readFile(path.join(folder, 'a/b.txt'), 'utf8'), 'one');
    assert.ok(big.equals(await readFile(path.join(folder, 'c/d'))));
  });

  it('shows nothing under its final name before the commit', async () => {
    await mkdir(folder, { recursive: true });
    const sink = new FolderSink(folder);
    const { file, open } = layer('a.txt', 'one');
    await sink.stage(file, open);
    const names = await listing(folder);
    assert.ok(
      names.every((name) => name.startsWith('.oci-pull-')),
      names.join(),
    );
    await sink.commit('overwrite');
    assert.deepEqual(await listing(folder), ['a.txt']);
  });

  it('keeps nothing of a pull with wrong bytes, not even the folder that it made', async () => {
    const wrong = layer('b', 'promised', { arriving: Buffer.from('pr0mised') });
    await assert.rejects(write([layer('a', 'fine'), wrong]), ContentMismatchError);
    assert.deepEqual(await listing(scratch), []);
  });

  it('leaves a folder that existed, and what was in it', async () => {
    await fill(folder, { 'mine.txt': 'mine' });
    const wrong = layer('b', 'promised', { arriving: Buffer.from('short') });
    await assert.rejects(write([wrong]), ContentMismatchError);
    assert.deepEqual(await listing(folder), ['mine.txt']);
  });

  it('stops with the abort reason while bytes arrive, and leaves nothing', async () => {
    const controller = new AbortController();
    const reason = new DOMException('stopped by the test', 'AbortError');
    const { file } = layer('a', 'never ends');
    const endless = async () => Readable.from(forever(), { objectMode: false });
    const sink = new FolderSink(folder);
    const onBytes = () => controller.abort(reason);
    await assert.rejects(
      sink.stage(file, endless, { signal: controller.signal, onBytes }),
      (error) => error === reason,
    );
    await sink.discard();
    await sink.discard();
    assert.deepEqual(await listing(scratch), []);
  });

  it('stops with the abort reason while a folder is unpacked', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { file } = layer('t', 'x', { unpack: true });
    const start = handmadeTarGz([{ path: 't/x', content: 'x' }]).subarray(0, 20);
    const endless = async () => stalledAfter(start);
    const onBytes = () => controller.abort(reason);
    const sink = new FolderSink(folder);
    await assert.rejects(
      sink.stage(file, endless, { signal: controller.signal, onBytes }),
      (error) => error === reason,
    );
    await sink.discard();
    assert.deepEqual(await listing(scratch), []);
  });

  const badTitles = ['../x', 'a/../../x', '/etc/x', 'C:\\x', '', '.', 'a/..', 'nul\0byte'];
  for (const title of badTitles) {
    it(`refuses the title ${JSON.stringify(title)}`, async () => {
      await assert.rejects(new FolderSink(folder).conflicts([layer(title, 'x').file]), UnsafePathError);
      const { file, open } = layer(title, 'x');
      await assert.rejects(new FolderSink(folder).stage(file, open), UnsafePathError);
      assert.deepEqual(await listing(scratch), []);
    });
  }

  it('refuses titles that are one file, or lie below a file', async () => {
    const sink = new FolderSink(folder, { platform: 'linux' });
    const files = (...titles: string[]) => titles.map((title) => layer(title, title).file);
    await assert.rejects(sink.conflicts(files('a', './a')), UnsafePathError);
    await assert.rejects(sink.conflicts(files('a/b', 'a')), /below the file "a"/);
    assert.deepEqual(await sink.conflicts(files('a', 'A', 'ﬁ', 'FI')), []);
  });

  for (const platform of ['darwin', 'win32'] as const) {
    it(`refuses titles that differ by case or composition alone on ${platform}`, async () => {
      const sink = new FolderSink(folder, { platform });
      for (const [one, other] of [
        ['read.me', 'READ.ME'],
        ['ﬁ', 'FI'],
        ['straße', 'STRASSE'],
        ['straẞe', 'straße'],
        ['Straẞe/x', 'strasse/X'],
        ['\u00e9', 'e\u0301'],
      ] as const) {
        await assert.rejects(sink.conflicts([layer(one, '1').file, layer(other, '2').file]), UnsafePathError);
      }
    });
  }

  it('refuses names that Windows keeps, on Windows alone', async () => {
    const names = [
      'a\\b',
      'con',
      'x/LPT1.txt',
      'stream:x',
      'dot.',
      'space ',
      'tab\there',
      '\u0001',
      'x/\u001f',
    ];
    for (const name of names) {
      const { file } = layer(name, 'x');
      await assert.rejects(new FolderSink(folder, { platform: 'win32' }).conflicts([file]), UnsafePathError);
      assert.deepEqual(await new FolderSink(folder, { platform: 'linux' }).conflicts([file]), []);
    }
  });

  it('refuses a parent that is a link out of the folder, follows one that stays inside', async () => {
    await mkdir(path.join(folder, 'real'), { recursive: true });
    await symlink(scratch, path.join(folder, 'out'));
    await symlink('nowhere', path.join(folder, 'dangling'));
    await symlink('real', path.join(folder, 'inside'));
    await assert.rejects(write([layer('out/x', 'x')]), /leads out of the folder/);
    await assert.rejects(write([layer('dangling/x', 'x')]), /link to nothing/);
    await write([layer('inside/x', 'x')]);
    assert.equal(await readFile(path.join(folder, 'real/x'), 'utf8'), 'x');
  });

  it('names what exists, and overwrites or keeps it as told', async () => {
    await fill(folder, { 'a.txt': 'old', 'sub/b.txt': 'old' });
    const layers = [layer('a.txt', 'new'), layer('sub/b.txt', 'new'), layer('c.txt', 'new')];
    const files = layers.map(({ file }) => file);
    assert.deepEqual(await new FolderSink(folder).conflicts(files), ['a.txt', 'sub/b.txt']);
    assert.deepEqual(await write(layers, 'keep'), ['c.txt']);
    assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'old');
    assert.deepEqual(await write(layers, 'overwrite'), ['a.txt', 'c.txt', 'sub/b.txt']);
    assert.equal(await readFile(path.join(folder, 'sub/b.txt'), 'utf8'), 'new');
  });

  it('replaces a link at the final path instead of writing through it', async () => {
    await fill(scratch, { precious: 'mine' });
    await mkdir(folder, { recursive: true });
    await symlink(path.join(scratch, 'precious'), path.join(folder, 'a'));
    await write([layer('a', 'theirs')]);
    assert.equal(await readFile(path.join(scratch, 'precious'), 'utf8'), 'mine');
    assert.equal((await lstat(path.join(folder, 'a'))).isFile(), true);
  });

  it('merges an unpacked folder into one that exists, file by file', async () => {
    await fill(folder, { 't/same': 'old', 't/sub/mine': 'mine' });
    const archive = handmadeTarGz([
      { path: 't/same', content: 'new' },
      { path: 't/sub/theirs', content: 'theirs' },
      { path: 't/fresh/x', content: 'x' },
    ]);
    const packed = layer('t', archive, { unpack: true });
    assert.deepEqual((await write([packed], 'keep')).toSorted(), ['t/fresh/x', 't/sub/theirs']);
    assert.equal(await readFile(path.join(folder, 't/same'), 'utf8'), 'old');
    assert.deepEqual((await write([packed])).toSorted(), ['t/fresh/x', 't/same', 't/sub/theirs']);
    assert.equal(await readFile(path.join(folder, 't/same'), 'utf8'), 'new');
    assert.equal(await readFile(path.join(folder, 't/sub/mine'), 'utf8'), 'mine');
  });

  it('changes nothing where a file stands for a folder or a folder for a file', async () => {
    await fill(folder, { file: 'mine', 'folder/x': 'mine' });
    const before = await listing(folder);
    await assert.rejects(write([layer('a', 'x'), layer('file/below', 'x')]), FileError);
    await assert.rejects(
      write([layer('a', 'x'), layer('folder', 'x')]),
      /a folder stands where a file belongs/,
    );
    const packed = layer('file', handmadeTarGz([{ path: 'file/x' }]), { unpack: true });
    await assert.rejects(write([layer('a', 'x'), packed]), /stands where a folder belongs/);
    assert.deepEqual(await listing(folder), before);
  });

  it('moves nothing when it is cancelled before the first move', async () => {
    await fill(folder, { 'a.txt': 'old' });
    const sink = new FolderSink(folder);
    const { file, open } = layer('a.txt', 'new');
    await sink.stage(file, open);
    const reason = new Error('cancelled');
    await assert.rejects(
      sink.commit('overwrite', { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    await sink.discard();
    assert.deepEqual(await listing(folder), ['a.txt']);
    assert.equal(await readFile(path.join(folder, 'a.txt'), 'utf8'), 'old');
  });

  it('puts a file into the folder of another layer', async () => {
    const packed = layer('t', handmadeTarGz([{ path: 't/a', content: 'a' }]), { unpack: true });
    const written = await write([layer('t/sub/b', 'b'), packed]);
    assert.deepEqual(written.toSorted(), ['t/a', 't/sub/b']);
    assert.equal(await readFile(path.join(folder, 't/sub/b'), 'utf8'), 'b');
  });

  it('does not put a file through a link in the folder of another layer', async () => {
    const archive = handmadeTarGz([
      { path: 't/real/x', content: 'x' },
      { path: 't/real/link', type: 'SymbolicLink', linkpath: '..' },
      { path: 't/file', content: 'x' },
    ]);
    const packed = layer('t', archive, { unpack: true });
    await assert.rejects(write([packed, layer('t/file/b', 'b')]), /a file stands where a folder belongs/);
    assert.deepEqual(await listing(scratch), []);
  });

  it('gives folders their modes and times at the end, read-only ones too', async () => {
    const archive = handmadeTarGz([
      { path: 't', type: 'Directory', mode: 0o750 },
      { path: 't/locked', type: 'Directory', mode: 0o555 },
      { path: 't/locked/x', content: 'x', mode: 0o400 },
    ]);
    await write([layer('t', archive, { unpack: true })]);
    const locked = await stat(path.join(folder, 't/locked'));
    assert.equal(locked.mode & 0o777, 0o555);
    assert.equal(locked.mtimeMs, 1_600_000_000_000);
    assert.equal((await stat(path.join(folder, 't/locked/x'))).mode & 0o777, 0o400);
    await chmod(path.join(folder, 't/locked'), 0o755);
  });

  describe('that replaces a program', () => {
    const modeAfter = async (old: number, { file, open }: Layer, place = 'tool', mode?: number) => {
      await fill(folder, { [place]: 'old' });
      await chmod(path.join(folder, place), old);
      const given = mode === undefined ? file : { ...file, mode };
      await write([{ file: given, open }]);
      assert.equal(await readFile(path.join(folder, place), 'utf8'), 'new');
      return (await stat(path.join(folder, place))).mode & 0o777;
    };

    it('lets those run the file who could; a mode that came with it, and an archive, count themselves', async () => {
      const allowed = 0o666 & ~process.umask();
      assert.equal(await modeAfter(0o755, layer('tool', 'new')), allowed | 0o111);
      assert.equal(await modeAfter(0o700, layer('tool', 'new')), allowed | 0o100);
      assert.equal(await modeAfter(0o4755, layer('tool', 'new')), allowed | 0o111);
      assert.equal(await modeAfter(0o644, layer('tool', 'new')), allowed);
      assert.equal(await modeAfter(0o755, layer('bin/tool', 'new'), 'bin/tool'), allowed | 0o111);
      assert.equal(await modeAfter(0o755, layer('tool', 'new'), 'tool', 0o600), 0o600);
      const archive = handmadeTarGz([{ path: 't/tool', content: 'new', mode: 0o640 }]);
      assert.equal(
        await modeAfter(0o755, layer('t', archive, { unpack: true }), 't/tool'),
        0o640 & ~process.umask(),
      );
      await fill(scratch, { program: 'mine' });
      await chmod(path.join(scratch, 'program'), 0o755);
      await rm(path.join(folder, 'tool'));
      await symlink(path.join(scratch, 'program'), path.join(folder, 'tool'));
      await write([layer('tool', 'new')]);
      assert.equal((await stat(path.join(folder, 'tool'))).mode & 0o111, 0);
      assert.equal((await stat(path.join(scratch, 'program'))).mode & 0o777, 0o755);
    });

    it('keeps the right where the file lies in the folder of another layer', async () => {
      await fill(folder, { 't/tool': 'old' });
      await chmod(path.join(folder, 't/tool'), 0o755);
      const packed = layer('t', handmadeTarGz([{ path: 't/a', content: 'a' }]), { unpack: true });
      await write([layer('t/tool', 'new'), packed]);
      assert.equal((await stat(path.join(folder, 't/tool'))).mode & 0o111, 0o111);
    });
  });

  it('names the path when it cannot write', async () => {
    await writeFile(path.join(scratch, 'deep'), 'a file in the way');
    await assert.rejects(write([layer('a', 'x')]), (error) => {
      assert.ok(error instanceof FileError);
      assert.match(error.message, /deep/);
      return true;
    });
  });
});

/** A stream that sends these bytes and then neither more nor an end. */
function stalledAfter(bytes: Buffer): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(bytes);
  return stream;
}

function* forever(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(1024);
}
