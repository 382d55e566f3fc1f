import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InvalidContentError, UnsafePathError, UnsupportedError } from '../../../../src/oci/errors';
import { FolderSink, type FolderSinkOptions } from '../../../../src/targets/folder/folderSink';
import { readTar } from '../../../../src/targets/folder/tarReader';
import { DEFAULT_UNPACK_LIMITS } from '../../../../src/targets/folder/unpackLimits';
import {
  handmadeEntry,
  handmadeTarGz,
  paxRecord,
  rawPax,
  withHeader,
  type HandmadeEntry,
} from './handmadeTar';
import { layer } from './pullFiles';
import { recordedSparse } from './recordedSparse';
import { listing, removeFolder, scratchFolder } from './scratchFolder';

/** The files that were packed, by what is in them and where. */
function recordedFiles(): Record<string, Buffer> {
  const file = (sizeBytes: number, parts: Record<number, string>) => {
    const bytes = Buffer.alloc(sizeBytes);
    for (const [position, text] of Object.entries(parts)) bytes.write(text, Number(position), 'latin1');
    return bytes;
  };
  const numbers = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [at * 8192, String(at)]));
  return {
    't/dense': file(3000, { 0: 'd'.repeat(3000) }),
    't/ends': file(1_048_577, { 0: 'S'.repeat(4096), 1_048_576: 'E' }),
    't/hole': file(2_000_000, {}),
    't/middle': file(5_000_000, { 1_000_000: 'A'.repeat(5000), 3_000_000: 'B'.repeat(10) }),
    [`t/${'n'.repeat(120)}`]: file(819_200, numbers),
  };
}

function sparse(records: readonly [string, string][], entry: HandmadeEntry): HandmadeEntry[] {
  return [
    { raw: rawPax(records.map(([key, value]) => paxRecord(`GNU.sparse.${key}`, value)).join('')) },
    entry,
  ];
}

/** A file of form 0.1 with this map, and as much content as given. */
function mapped(
  map: string,
  content: string,
  size = '1000',
  count = map.split(',').length / 2,
): HandmadeEntry[] {
  const records: [string, string][] = [
    ['size', size],
    ['numblocks', `${count}`],
    ['name', 't/s'],
    ['map', map],
  ];
  return sparse(records, { path: 't/GNUSparseFile.0/s', content });
}

/** A file of form 1.0 with this text in front of its content. */
function inBody(text: string, content = '', realsize = '1000'): HandmadeEntry[] {
  const records: [string, string][] = [
    ['major', '1'],
    ['minor', '0'],
    ['name', 't/s'],
    ['realsize', realsize],
  ];
  const map = text.padEnd(Math.ceil(text.length / 512) * 512, '\0');
  return sparse(records, { path: 't/GNUSparseFile.0/s', content: map + content });
}

describe('A file with holes', () => {
  let scratch: string;
  let folder: string;

  beforeEach(async () => {
    scratch = await scratchFolder();
    folder = path.join(scratch, 'into');
  });
  afterEach(() => removeFolder(scratch));

  const unpack = async (archive: Buffer, options: FolderSinkOptions = {}) => {
    const sink = new FolderSink(folder, options);
    const { file, open } = layer('t', archive, { unpack: true });
    try {
      await sink.stage(file, open);
      return [...(await sink.commit('overwrite'))].sort();
    } finally {
      await sink.discard();
    }
  };

  for (const version of ['0.0', '0.1', '1.0'] as const)
    it(`is unpacked as it was from what GNU tar writes in form ${version}, the holes as holes`, async () => {
      const written = await unpack(Buffer.from(recordedSparse[version], 'base64'));
      const files = recordedFiles();
      assert.deepEqual(written, Object.keys(files).sort());
      for (const [name, bytes] of Object.entries(files)) {
        assert.ok(bytes.equals(await readFile(path.join(folder, name))), name);
        assert.equal((await stat(path.join(folder, name))).mtimeMs, 1_600_000_000_000);
      }
      if (process.platform === 'linux')
        assert.ok((await stat(path.join(folder, 't/hole'))).blocks * 512 < 1_000_000);
    });

  it('is unpacked from form 1.0 with a map of several blocks', async () => {
    const map = ['300', ...Array.from({ length: 300 }, (_, at) => `${at * 10}\n1`)].join('\n') + '\n';
    await unpack(handmadeTarGz(inBody(map, 'x'.repeat(300), '3000')));
    assert.equal(await readFile(path.join(folder, 't/s'), 'latin1'), `x${'\0'.repeat(9)}`.repeat(300));
  });

  const otherForms: Record<string, [readonly HandmadeEntry[] | Buffer, RegExp]> = {
    "GNU tar's old form": [Buffer.from(recordedSparse.gnu, 'base64'), /in GNU tar's old form \("t\/hole"\)/],
    'a later form of GNU tar': [
      sparse(
        [
          ['major', '2'],
          ['minor', '1'],
        ],
        { path: 't/s' },
      ),
      /sparse files in GNU tar's form 2\.1/,
    ],
    'the form of star': [
      [{ raw: rawPax(paxRecord('SCHILY.realsize', '1000')) }, { path: 't/s' }],
      /sparse files in the form of star/,
    ],
    'the form of Solaris': [
      [{ raw: rawPax(paxRecord('SUN.holesdata', ' 0 1000')) }, { path: 't/s' }],
      /sparse files in the form of Solaris/,
    ],
  };
  for (const [name, [archive, reason]] of Object.entries(otherForms))
    it(`is refused by name in ${name}`, async () => {
      await assert.rejects(unpack(Buffer.isBuffer(archive) ? archive : handmadeTarGz(archive)), (error) => {
        assert.ok(error instanceof UnsupportedError, String(error));
        assert.match(error.message, reason);
        return true;
      });
      assert.deepEqual(await listing(scratch), []);
    });

  const damaged: Record<string, readonly HandmadeEntry[]> = {
    'parts that overlap': mapped('0,10,5,10', 'x'.repeat(20)),
    'parts out of order': mapped('500,10,0,10', 'x'.repeat(20)),
    'a part behind its end': mapped('995,10', 'x'.repeat(10)),
    'less content than its parts': mapped('0,10', 'x'.repeat(9)),
    'more content than its parts': mapped('0,10', 'x'.repeat(11)),
    'half a part': mapped('0,10,20', 'x'.repeat(10), '1000', 1),
    'another number of parts': mapped('0,10', 'x'.repeat(10), '1000', 2),
    'a negative part': mapped('-5,10', 'x'.repeat(10)),
    'a size that no number holds': mapped('0,10', 'x'.repeat(10), '9'.repeat(30)),
    'no size': sparse(
      [
        ['map', '0,0'],
        ['numblocks', '1'],
      ],
      { path: 't/s' },
    ),
    'parts without an offset': sparse(
      [
        ['size', '9'],
        ['numblocks', '1'],
        ['numbytes', '0'],
        ['offset', '0'],
      ],
      { path: 't/s' },
    ),
    'a map that is longer than the content': inBody('3\n0\n1\n', 'x'),
    'a map without numbers': inBody('x\n'),
    'a map without an end': inBody('9'.repeat(600)),
    'a map of more parts than any file has': inBody('999999999\n0\n1\n'),
    'a folder': sparse(
      [
        ['size', '0'],
        ['numblocks', '0'],
        ['map', ''],
      ],
      { path: 't/d', type: 'Directory' },
    ),
    'all entries': [{ raw: rawPax(paxRecord('GNU.sparse.size', '10'), 'g') }, { path: 't/s', content: 'x' }],
  };
  for (const [name, entries] of Object.entries(damaged))
    it(`is refused with ${name}`, async () => {
      await assert.rejects(unpack(handmadeTarGz(entries)), (error) => {
        assert.ok(error instanceof InvalidContentError, String(error));
        return true;
      });
      assert.deepEqual(await listing(scratch), []);
    });

  it('obeys the rules of names by the name that it really has', async () => {
    const named = (name: string) =>
      sparse(
        [
          ['size', '0'],
          ['numblocks', '0'],
          ['map', ''],
          ['name', name],
        ],
        { path: 't/x' },
      );
    for (const name of ['../evil', 't/../../evil', '/etc/x', `t/${'a/'.repeat(60_000)}f`])
      await assert.rejects(unpack(handmadeTarGz(named(name))), UnsafePathError);
    assert.deepEqual(await listing(scratch), []);
  });

  it('counts with its holes against the bounds of what an archive may become', async () => {
    const entries = mapped('0,1', 'x', String(2 ** 52));
    await assert.rejects(unpack(handmadeTarGz(entries)), /expands to more than/);
    const limits = { ...DEFAULT_UNPACK_LIMITS, expandedBytes: 100_000 };
    await assert.rejects(
      unpack(handmadeTarGz(mapped('0,1', 'x', '99000')), { limits }),
      /expands to more than/,
    );
    assert.deepEqual(await unpack(handmadeTarGz(mapped('0,1', 'x', '9000')), { limits }), ['t/s']);
  });

  it('is refused where its stored bytes would be taken for the file', async () => {
    const read = async () => {
      for await (const entry of readTar(only(gunzipSync(handmadeTarGz(mapped('0,1', 'x')))), 'it'))
        void entry;
    };
    await assert.rejects(read, UnsupportedError);
    const typed = withHeader(handmadeEntry({ path: 't/s' }), (block) => block.write('S', 156, 'latin1'));
    await assert.rejects(unpack(handmadeTarGz([{ raw: typed }])), UnsupportedError);
  });
});

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
