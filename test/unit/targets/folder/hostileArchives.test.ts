import assert from 'node:assert/strict';
import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as zlib from 'node:zlib';
import { digestOf } from '../../../../src/oci/digest';
import {
  ContentMismatchError,
  InvalidContentError,
  UnsafePathError,
  UnsupportedError,
} from '../../../../src/oci/errors';
import { FolderSink, type FolderSinkOptions } from '../../../../src/targets/folder/folderSink';
import { DEFAULT_UNPACK_LIMITS } from '../../../../src/targets/folder/unpackLimits';
import {
  handmadeEntry,
  handmadeTar,
  handmadeTarGz,
  paxRecord,
  rawPax,
  withHeader,
  type HandmadeEntry,
} from './handmadeTar';
import { layer } from './pullFiles';
import { listing, removeFolder, scratchFolder } from './scratchFolder';

interface Hostile {
  readonly entries: readonly HandmadeEntry[];
  /** What the refusal names. */
  readonly names: RegExp;
  readonly options?: FolderSinkOptions;
}

const root: HandmadeEntry = { path: 't', type: 'Directory', mode: 0o755 };

const hostile: Record<string, Hostile> = {
  'an entry above the folder': {
    entries: [root, { path: 't/../../evil' }],
    names: /t\/\.\.\/\.\.\/evil.*"\.\." part/,
  },
  'an entry beside the folder': { entries: [root, { path: 'other/x' }], names: /other\/x.*outside of "t"/ },
  'an entry whose name starts as the folder does': { entries: [{ path: 'tt/x' }], names: /tt\/x.*outside/ },
  'an absolute entry': { entries: [{ path: '/etc/passwd' }], names: /\/etc\/passwd.*absolute/ },
  'a drive letter': { entries: [{ path: 'C:/t/x' }], names: /C:\/t\/x.*drive letter/ },
  'a backslash on Windows': {
    entries: [{ path: 't/..\\..\\x' }],
    names: /Windows/,
    options: { platform: 'win32' },
  },
  'a device name on Windows': {
    entries: [{ path: 't/NUL.txt' }],
    names: /device/,
    options: { platform: 'win32' },
  },
  'a path that only the pax header shows': {
    entries: [{ path: 't/fine', pax: { path: '../evil' } }],
    names: /\.\.\/evil/,
  },
  'a file in place of the folder': { entries: [{ path: 't', content: 'x' }], names: /takes the place/ },
  'a link in place of the folder': {
    entries: [{ path: 't', type: 'SymbolicLink', linkpath: '..' }],
    names: /takes the place/,
  },
  'a link out of the folder': {
    entries: [root, { path: 't/out', type: 'SymbolicLink', linkpath: '../x' }],
    names: /t\/out.*outside/,
  },
  'an absolute link': {
    entries: [{ path: 't/abs', type: 'SymbolicLink', linkpath: '/etc' }],
    names: /t\/abs.*absolute/,
  },
  'a chain of links, each harmless by its text': {
    entries: [
      { path: 't/a/b/c', type: 'Directory' },
      { path: 't/a/b/c/up', type: 'SymbolicLink', linkpath: '../../..' },
      { path: 't/far', type: 'SymbolicLink', linkpath: 'a/b/c/up/../..' },
    ],
    names: /t\/far.*outside/,
  },
  'links in a circle': {
    entries: [
      { path: 't/a', type: 'SymbolicLink', linkpath: 'b' },
      { path: 't/b', type: 'SymbolicLink', linkpath: 'a' },
    ],
    names: /loop/,
  },
  'a file written through a link': {
    entries: [
      { path: 't/real', type: 'Directory' },
      { path: 't/link', type: 'SymbolicLink', linkpath: 'real' },
      { path: 't/link/x', content: 'x' },
    ],
    names: /t\/link\/x.*through a link/,
  },
  'a folder made over a link': {
    entries: [
      { path: 't/link', type: 'SymbolicLink', linkpath: '.' },
      { path: 't/link', type: 'Directory' },
    ],
    names: /through a link/,
  },
  'a file below a file': { entries: [{ path: 't/f' }, { path: 't/f/x' }], names: /t\/f\/x.*needs a folder/ },
  'a file over a folder': {
    entries: [{ path: 't/d/x' }, { path: 't/d', content: 'x' }],
    names: /t\/d".*folder stands/,
  },
  'a hard link out of the folder': {
    entries: [root, { path: 't/h', type: 'Link', linkpath: '../secret' }],
    names: /"t\/h" was refused: it is a hard link to "\.\.\/secret", but it has a "\.\." part/,
  },
  'a hard link to an absolute path': {
    entries: [root, { path: 't/h', type: 'Link', linkpath: '/etc/passwd' }],
    names: /"t\/h" was refused: it is a hard link to "\/etc\/passwd", but it is an absolute path/,
  },
  'a hard link to a link': {
    entries: [
      { path: 't/f', content: 'x' },
      { path: 't/s', type: 'SymbolicLink', linkpath: 'f' },
      { path: 't/h', type: 'Link', linkpath: 't/s' },
    ],
    names: /t\/h.*no file of this archive/,
  },
  'names that differ by case alone, on macOS': {
    entries: [
      root,
      { path: 't/Read.me', content: 'x' },
      { path: 't/README', content: 'y' },
      { path: 't/read.ME' },
    ],
    names: /t\/read\.ME.*same name as "Read\.me"/,
    options: { platform: 'darwin' },
  },
  'a name with a ligature and the same without, on Windows': {
    entries: [root, { path: 't/\ufb01le', content: 'x' }, { path: 't/file', content: 'y' }],
    names: /t\/file.*same name as "\ufb01le"/,
    options: { platform: 'win32' },
  },
  'a name composed and decomposed, on macOS': {
    entries: [root, { path: 't/\u00e9', content: 'x' }, { path: 't/e\u0301/x', content: 'y' }],
    names: /t\/e\u0301\/x.*same name as "\u00e9"/,
    options: { platform: 'darwin' },
  },
  'a name with a capital sharp s and one with a small one, on macOS': {
    entries: [root, { path: 't/stra\u1e9ee', content: 'x' }, { path: 't/stra\u00dfe', content: 'y' }],
    names: /t\/stra\u00dfe.*same name as "stra\u1e9ee"/,
    options: { platform: 'darwin' },
  },
  'a control character on Windows': {
    entries: [{ path: 't/a\u0007b' }],
    names: /Windows does not allow control characters/,
    options: { platform: 'win32' },
  },
  'a link with backslashes out of the folder, on Windows': {
    entries: [root, { path: 't/a/out', type: 'SymbolicLink', linkpath: '..\\..\\x' }],
    names: /t\/a\/out.*outside of the folder/,
    options: { platform: 'win32' },
  },
  'a link to a drive, on Windows': {
    entries: [root, { path: 't/out', type: 'SymbolicLink', linkpath: 'C:x' }],
    names: /t\/out.*an absolute path/,
    options: { platform: 'win32' },
  },
  'a link to a name that Windows reads as another': {
    entries: [root, { path: 't/out', type: 'SymbolicLink', linkpath: '.. /x' }],
    names: /t\/out.*drops the end of the name/,
    options: { platform: 'win32' },
  },
  'a link and a folder that are one by case, on Windows': {
    entries: [
      { path: 't/real/x', content: 'x' },
      { path: 't/Link', type: 'SymbolicLink', linkpath: 'real' },
      { path: 't/link/x', content: 'y' },
    ],
    names: /t\/link\/x.*same name as "Link"/,
    options: { platform: 'win32' },
  },
  'more entries than the bound': {
    entries: [{ path: 't/1' }, { path: 't/2' }, { path: 't/3' }],
    names: /more than 2 entries/,
    options: { limits: { ...DEFAULT_UNPACK_LIMITS, entries: 2 } },
  },
  'more bytes than the bound': {
    entries: [{ path: 't/1', content: 'x'.repeat(100_000) }],
    names: /more than 5000 bytes/,
    options: { limits: { ...DEFAULT_UNPACK_LIMITS, expandedBytes: 5000 } },
  },
  'a bomb by its ratio': {
    entries: [{ path: 't/1', content: 'x'.repeat(1_000_000) }],
    names: /expands to more than/,
    options: { limits: { ...DEFAULT_UNPACK_LIMITS, ratio: 10, freeBytes: 1000 } },
  },
};

describe('unpacking a hostile archive', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'into');
  });

  afterEach(() => removeFolder(scratch));

  const unpack = async (archive: Buffer, options: FolderSinkOptions & { contentDigest?: string } = {}) => {
    const sink = new FolderSink(folder, options);
    const { contentDigest } = options;
    const { file, open } = layer('t', archive, { unpack: true, ...(contentDigest && { contentDigest }) });
    try {
      await sink.stage(file, open);
      return await sink.commit('overwrite');
    } catch (error) {
      await sink.discard();
      throw error;
    }
  };

  for (const [name, { entries, names, options }] of Object.entries(hostile)) {
    it(`refuses ${name}, by its name, and writes nothing`, async () => {
      await assert.rejects(unpack(handmadeTarGz(entries), options), (error) => {
        assert.ok(error instanceof UnsafePathError, String(error));
        assert.match(error.message, names);
        return true;
      });
      assert.deepEqual(await listing(scratch), []);
    });
  }

  const damaged: Record<string, [Buffer, RegExp]> = {
    'a header with a wrong checksum': [zlib.gzipSync(flipped(handmadeTar([{ path: 't/x' }]), 3)), /checksum/],
    'an archive cut in the middle of a file': [
      zlib.gzipSync(handmadeTar([{ path: 't/x', content: 'x'.repeat(5000) }]).subarray(0, 2048)),
      /middle of an entry/,
    ],
    'gzip that is damaged': [
      flipped(handmadeTarGz([{ path: 't/x', content: 'hello' }]), 40),
      /not intact gzip/,
    ],
    'gzip that is cut short': [handmadeTarGz([{ path: 't/x' }]).subarray(0, 30), /not intact gzip/],
    'a pax record that lies about its length': [
      zlib.gzipSync(handmadeTar([{ raw: rawPax('99 path=t/y\n') }, { path: 't/x' }])),
      /wrong length/,
    ],
    'a pax size that contradicts the header': [
      // A reader that goes by the header finds an entry in what is the content of another here.
      handmadeTarGz([
        { raw: rawPax(paxRecord('size', '1024')) },
        sized('t/x', '00000000000'),
        { path: '../evil', content: 'x' },
      ]),
      /"t\/x" has two sizes, 0 and 1024 bytes/,
    ],
    'a negative pax size': [
      handmadeTarGz([{ raw: rawPax(paxRecord('size', '-512')) }, { path: 't/x' }]),
      /size of "t\/x" is not a number/,
    ],
    'a pax size that no number holds': [
      handmadeTarGz([{ raw: rawPax(paxRecord('size', '9'.repeat(30))) }, { path: 't/x' }]),
      /size of "t\/x" is not a number/,
    ],
    'a pax size that goes on behind the end': [
      handmadeTarGz([{ raw: rawPax(paxRecord('size', String(8 ** 12))) }, { path: 't/x' }]),
      /middle of an entry/,
    ],
    'a size for all entries': [
      handmadeTarGz([{ raw: rawPax(paxRecord('size', '512'), 'g') }, { path: 't/x' }]),
      /gives all entries one size/,
    ],
    'a path for all entries': [
      handmadeTarGz([{ raw: rawPax(paxRecord('path', '../x'), 'g') }, { path: 't/x' }]),
      /gives all entries one path/,
    ],
    'a negative size in base-256': [handmadeTarGz([sized('t/x', base256(-512n))]), /size in a header is not/],
    'a size in base-256 that no number holds': [
      handmadeTarGz([sized('t/x', base256(1n << 90n))]),
      /size in a header is not|header cannot be read/,
    ],
    'a size in base-256 that goes on behind the end': [
      handmadeTarGz([sized('t/x', base256(1n << 40n))]),
      /middle of an entry/,
    ],
    'a size that is octal in part': [
      handmadeTarGz([sized('t/x', '0000000001x')]),
      /size in a header is not a number/,
    ],
    'a folder with content': [
      handmadeTarGz([sized('t/x/', '00000001000'), { raw: Buffer.alloc(512, 'x') }]),
      /"t\/x\/" is a folder and has content/,
    ],
    'a bomb in a bomb': [zlib.gzipSync(zlib.gzipSync(Buffer.alloc(10_000_000))), /checksum/],
    'a second archive behind a zero block': [
      zlib.gzipSync(handmadeTar([{ path: 't/x' }, { raw: Buffer.alloc(512) }, { path: 't/y' }])),
      /behind its end/,
    ],
    'what is no archive': [
      Buffer.from('just some text that is longer than one block '.repeat(30)),
      /checksum/,
    ],
  };
  for (const [name, [archive, reason]] of Object.entries(damaged)) {
    it(`refuses ${name} and writes nothing`, async () => {
      await assert.rejects(unpack(archive), (error) => {
        assert.ok(error instanceof InvalidContentError, String(error));
        assert.match(error.message, reason);
        return true;
      });
      assert.deepEqual(await listing(scratch), []);
    });
  }

  it('says plainly that zstd is not supported where Node lacks it', async () => {
    const zstd = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(600)]);
    const expected = 'createZstdDecompress' in zlib ? InvalidContentError : UnsupportedError;
    await assert.rejects(unpack(zstd), expected);
    assert.deepEqual(await listing(scratch), []);
  });

  it('refuses an archive whose inner digest differs from the promised one', async () => {
    const archive = handmadeTarGz([{ path: 't/x', content: 'x' }]);
    await assert.rejects(unpack(archive, { contentDigest: digestOf('other') }), ContentMismatchError);
    await assert.rejects(unpack(archive, { contentDigest: 'sha256:short' }), InvalidContentError);
    assert.deepEqual(await listing(scratch), []);
  });

  it('tells wrong bytes of a packed folder as such, not as a damaged archive', async () => {
    const good = handmadeTarGz([{ path: 't/x', content: 'x'.repeat(5000) }]);
    const { file, open } = layer('t', good, { unpack: true, arriving: flipped(good, 20) });
    const sink = new FolderSink(folder);
    await assert.rejects(sink.stage(file, open), ContentMismatchError);
    await sink.discard();
    assert.deepEqual(await listing(scratch), []);
  });

  it('takes sizes as GNU tar and Go write them, small and in base-256 too', async () => {
    const content = 'x'.repeat(600);
    const body = Buffer.concat([Buffer.from(content), Buffer.alloc(424)]);
    const written = await unpack(
      handmadeTarGz([
        { raw: rawPax(paxRecord('comment', 'from git'), 'g') },
        { path: 't/pax', content, pax: { size: 600 } },
        sized('t/blanks', `   1130 \0\0\0\0`),
        { raw: body },
        sized('t/binary', base256(600n)),
        { raw: body },
      ]),
    );
    assert.deepEqual([...written].sort(), ['t/binary', 't/blanks', 't/pax']);
    for (const name of written) assert.equal(await readFile(path.join(folder, name), 'utf8'), content);
  });

  it('skips devices and pipes, drops setuid, setgid and sticky bits', async () => {
    const written = await unpack(
      handmadeTarGz([
        { path: 't/null', type: 'CharacterDevice' },
        { path: 't/pipe', type: 'FIFO' },
        { path: 't/tool', content: 'x', mode: 0o7755 },
      ]),
    );
    assert.deepEqual(written, ['t/tool']);
    assert.equal((await lstat(path.join(folder, 't/tool'))).mode & 0o7777, 0o755);
  });

  it('keeps harmless archives: links inside, hard links, a plain tar, a replaced entry, a foreign long name', async () => {
    const long = `t/${'世'.repeat(60)}`;
    await unpack(
      handmadeTar([
        root,
        { path: './t/f', content: 'first' },
        { path: 't/sub/link', type: 'SymbolicLink', linkpath: '../f' },
        { path: 't/hard', type: 'Link', linkpath: 't/f' },
        { path: 't/again', content: 'old' },
        { path: 't/again', content: 'new' },
        { path: 't/', pax: { path: long }, content: 'long' },
      ]),
    );
    assert.equal(await readFile(path.join(folder, 't/sub/link'), 'utf8'), 'first');
    assert.equal(await readFile(path.join(folder, 't/hard'), 'utf8'), 'first');
    assert.equal(await readFile(path.join(folder, 't/again'), 'utf8'), 'new');
    assert.equal(await readFile(path.join(folder, long), 'utf8'), 'long');
  });

  it('never writes through a link that stands in the folder already', async () => {
    await mkdir(path.join(folder, 't'), { recursive: true });
    await writeFile(path.join(scratch, 'precious'), 'mine');
    await mkdir(path.join(scratch, 'elsewhere'));
    await symlink('../../precious', path.join(folder, 't/file'));
    await unpack(handmadeTarGz([{ path: 't/file', content: 'theirs' }]));
    assert.equal(await readFile(path.join(scratch, 'precious'), 'utf8'), 'mine');
    assert.equal(await readFile(path.join(folder, 't/file'), 'utf8'), 'theirs');
    assert.equal((await lstat(path.join(folder, 't/file'))).isSymbolicLink(), false);

    await symlink('../../elsewhere', path.join(folder, 't/sub'));
    await assert.rejects(
      unpack(handmadeTarGz([{ path: 't/sub/x', content: 'x' }])),
      /stands where a folder belongs/,
    );
    assert.deepEqual(await listing(path.join(scratch, 'elsewhere')), []);
  });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
}

/** An empty file whose header has these bytes as its size. */
function sized(path: string, field: string | Buffer): HandmadeEntry {
  const bytes = handmadeEntry({ path, content: '' });
  return { raw: withHeader(bytes, (block) => void Buffer.from(field).copy(block, 124)) };
}

/** A size in base-256, as GNU tar writes what octal digits cannot say; negative ones too. */
function base256(sizeBytes: bigint): Buffer {
  const hex = BigInt.asUintN(96, sizeBytes | (sizeBytes < 0n ? 0n : 1n << 95n)).toString(16);
  return Buffer.from(hex.padStart(24, '0'), 'hex');
}
