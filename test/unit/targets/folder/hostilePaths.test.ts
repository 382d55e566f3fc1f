import assert from 'node:assert/strict';
import path from 'node:path';
import { UnsafePathError } from '../../../../src/oci/errors';
import { FolderSink, type FolderSinkOptions } from '../../../../src/targets/folder/folderSink';
import { DEFAULT_UNPACK_LIMITS } from '../../../../src/targets/folder/unpackLimits';
import { pathInFolder } from '../../../../src/targets/folder/ownFolder';
import {
  handmadeTarGz,
  paxRecord,
  rawPax,
  withHeader,
  handmadeEntry,
  type HandmadeEntry,
} from './handmadeTar';
import { layer } from './pullFiles';
import { listing, removeFolder, scratchFolder } from './scratchFolder';

const platforms = ['linux', 'darwin', 'win32'] as const;
const tooDeep = `t/${'a/'.repeat(60_000)}f`;

/** GNU tar's header of a long name (`L`) or link target (`K`) for the entry behind it. */
function gnuLong(text: string, flag: 'L' | 'K'): HandmadeEntry {
  const bytes = handmadeEntry({ path: '././@LongLink', content: `${text}\0` });
  return { raw: withHeader(bytes, (block) => block.write(flag, 156, 'latin1')) };
}

const tooLarge: Record<string, [readonly HandmadeEntry[], RegExp]> = {
  'an entry as deep as a pax header allows': [
    [{ raw: rawPax(paxRecord('path', tooDeep)) }, { path: 't/x' }],
    /"t\/a\/a\/.* was refused: it is longer than 4096 bytes/s,
  ],
  'a folder as deep as that': [
    [{ raw: rawPax(paxRecord('path', tooDeep)) }, { path: 't/x', type: 'Directory' }],
    /it is longer than 4096 bytes/,
  ],
  'a long name of GNU tar': [[gnuLong(tooDeep, 'L'), { path: 't/x' }], /it is longer than 4096 bytes/],
  'an entry of many parts': [
    [{ raw: rawPax(paxRecord('path', `t/${'b/'.repeat(255)}f`)) }, { path: 't/x' }],
    /it has more than 256 parts/,
  ],
  'a device, which would be left out anyway': [
    [{ raw: rawPax(paxRecord('path', tooDeep)) }, { path: 't/x', type: 'FIFO' }],
    /it is longer than 4096 bytes/,
  ],
  'the target of a link': [
    [
      { raw: rawPax(paxRecord('linkpath', '../t/'.repeat(60_000))) },
      { path: 't/link', type: 'SymbolicLink', linkpath: 'x' },
    ],
    /"t\/link" was refused: it links to .*, but it is longer than 4096 bytes/s,
  ],
  'the target of a hard link': [
    [gnuLong(tooDeep, 'K'), { path: 't/hard', type: 'Link', linkpath: 'x' }],
    /"t\/hard" was refused: it links to .*, but it is longer than 4096 bytes/s,
  ],
  'a part of a name': [
    [{ raw: rawPax(paxRecord('path', `t/${'x'.repeat(300)}`)) }, { path: 't/x' }],
    /it has a part that is longer than 255/,
  ],
};

describe('A path from outside that is past its bounds', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'into');
  });
  afterEach(() => removeFolder(scratch));

  const unpack = async (entries: readonly HandmadeEntry[], options: FolderSinkOptions) => {
    const sink = new FolderSink(folder, options);
    const { file, open } = layer('t', handmadeTarGz(entries), { unpack: true });
    try {
      await sink.stage(file, open);
      return await sink.commit('overwrite');
    } finally {
      await sink.discard();
    }
  };

  for (const platform of platforms) {
    for (const [name, [entries, reason]] of Object.entries(tooLarge)) {
      it(`is refused in an archive on ${platform}: ${name}`, async () => {
        await assert.rejects(unpack(entries, { platform }), (error) => {
          assert.ok(error instanceof UnsafePathError, String(error));
          assert.match(error.message, reason);
          return true;
        });
        assert.deepEqual(await listing(scratch), []);
      });
    }

    it(`is refused as a title on ${platform}, of a file and of a folder`, async () => {
      for (const title of ['a/'.repeat(80_000), `${'a/'.repeat(80_000)}f`, './'.repeat(300), 'x'.repeat(256)])
        for (const unpacked of [true, false]) {
          const { file, open } = layer(title, 'x', { unpack: unpacked });
          const sink = new FolderSink(folder, { platform });
          await assert.rejects(sink.conflicts([file]), UnsafePathError);
          await assert.rejects(sink.stage(file, open), UnsafePathError);
          assert.deepEqual(await listing(scratch), []);
        }
    });
  }

  it('is refused in a definition of the workspace', async () => {
    for (const given of ['a/'.repeat(80_000), 'x'.repeat(5000), '../'.repeat(300)])
      for (const use of ['read', 'write'] as const)
        await assert.rejects(pathInFolder(scratch, given, use), /refused: it (is longer|has more) than/);
  });

  it('is what the folders of one archive add up to', async () => {
    const limits = { ...DEFAULT_UNPACK_LIMITS, entries: 40 };
    const deep = (top: string) => ({ path: `t/${top}/${'b/'.repeat(20)}f` });
    assert.equal((await unpack([deep('1')], { limits })).length, 1);
    await assert.rejects(unpack([deep('2'), deep('3')], { limits }), /more than 40 files, links and folders/);
  });

  it('is what the names of one archive add up to; others may be as long as names can', async () => {
    const longest = [`t/${'b/'.repeat(254)}f`, `t/${'x'.repeat(255)}`];
    const named = longest.flatMap((name) => [{ raw: rawPax(paxRecord('path', name)) }, { path: 't/x' }]);
    assert.deepEqual([...(await unpack(named, {}))].sort(), longest);
    const limits = { ...DEFAULT_UNPACK_LIMITS, nameBytes: 100 };
    const entries = [{ path: `t/${'x'.repeat(60)}` }, { path: `t/${'y'.repeat(60)}` }];
    await assert.rejects(unpack(entries, { limits }), /more than 100 bytes of names/);
  });

  it('is found in many deep titles without work that grows with the square of their depth', async () => {
    const files = Array.from({ length: 3000 }, (_, at) => layer(`${at}/${'ab/'.repeat(250)}f`, 'x').file);
    const started = performance.now();
    assert.deepEqual(await new FolderSink(folder, { platform: 'darwin' }).conflicts(files), []);
    assert.ok(performance.now() - started < 5000);
  });
});
