import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { digestOf } from '../../src/oci/digest';
import { InvalidContentError } from '../../src/oci/errors';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { encodeTarHeader, TAR_END, tarPadding } from '../../src/targets/folder/tarHeader';

/** The Node inside VS Code has it; the types are those of an older one. */
const { zstdCompressSync, constants } = zlib as unknown as {
  zstdCompressSync: (bytes: Uint8Array, options?: { readonly params: Record<number, number> }) => Buffer;
  constants: { readonly ZSTD_c_checksumFlag: number; readonly ZSTD_c_contentSizeFlag: number };
};
const { ZSTD_c_checksumFlag, ZSTD_c_contentSizeFlag } = constants;

/** The ways of writing a frame: its header has other members in each, and a checksum stands behind it or does not. */
const frameKinds: readonly Record<number, number>[] = [
  {},
  { [ZSTD_c_checksumFlag]: 1 },
  { [ZSTD_c_contentSizeFlag]: 0 },
  { [ZSTD_c_checksumFlag]: 1, [ZSTD_c_contentSizeFlag]: 0 },
];

/** The bytes as frames of so many bytes each, as pzstd and podman's zstd:chunked write them. */
function framesOf(bytes: Buffer, sizeBytes: number): Buffer[] {
  const count = Math.ceil(bytes.length / sizeBytes);
  return Array.from({ length: count }, (_, at) =>
    zstdCompressSync(bytes.subarray(at * sizeBytes, (at + 1) * sizeBytes), {
      params: frameKinds[at % frameKinds.length] ?? {},
    }),
  );
}

/** A frame that decoders pass over, with one of the sixteen magic numbers of such. */
function skippable(body: Buffer, nibble = 0): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + nibble, 0);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

function piecesOf(bytes: Buffer, sizeBytes: number): Buffer[] {
  const count = Math.ceil(bytes.length / sizeBytes);
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * sizeBytes, (at + 1) * sizeBytes));
}

function tarOf(name: string, text: string): Buffer {
  const sizeBytes = Buffer.byteLength(text);
  const header = encodeTarHeader({ kind: 'file', path: name, mode: 0o644, mtimeSeconds: 0, sizeBytes });
  return Buffer.concat([header, Buffer.from(text), tarPadding(sizeBytes), TAR_END]);
}

describe('Folders compressed with zstd, in the Node of VS Code', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'zstd-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const unpack = async (bytes: Buffer, pieceBytes = bytes.length) => {
    const descriptor = { mediaType: 'application/x', digest: digestOf(bytes), size: bytes.length };
    const sink = new FolderSink(folder);
    const file = { title: 'tree', descriptor, unpack: true };
    const pieces = piecesOf(bytes, pieceBytes);
    await sink.stage(file, async () => Readable.from(pieces, { objectMode: false }));
    return sink.commit('overwrite');
  };

  it('are unpacked', async () => {
    const text = 'content '.repeat(100_000);
    const bytes = zstdCompressSync(tarOf('tree/a.txt', text));
    assert.ok(bytes.length < 10_000);
    assert.deepEqual(await unpack(bytes), ['tree/a.txt']);
    assert.equal(await readFile(path.join(folder, 'tree/a.txt'), 'utf8'), text);
  });

  it('are refused when they are not intact', async () => {
    const bytes = zstdCompressSync(tarOf('tree/a.txt', 'content '.repeat(100_000)));
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8);
    await assert.rejects(unpack(bytes), InvalidContentError);
  });

  const text = Array.from({ length: 400_000 }, (_, at) => (at * 7919) % 10_007).join(' ');
  const tar = tarOf('tree/a.txt', text);
  const unpacksWhole = async (bytes: Buffer, pieceBytes?: number) => {
    await unpack(bytes, pieceBytes);
    assert.equal(await readFile(path.join(folder, 'tree/a.txt'), 'utf8'), text);
  };

  for (const frameBytes of [1_000_000, 100_000, 4_097]) {
    it(`are unpacked whole from frames of ${frameBytes} bytes each`, () =>
      unpacksWhole(Buffer.concat(framesOf(tar, frameBytes))));
  }

  for (const pieceBytes of [1, 7, 65_536])
    it(`are unpacked whole where they arrive in pieces of ${pieceBytes} bytes`, () =>
      unpacksWhole(Buffer.concat(framesOf(tar, 300_000)), pieceBytes));

  it('are unpacked whole with skippable frames before, between and behind the others', () =>
    unpacksWhole(
      Buffer.concat([
        skippable(Buffer.alloc(0)),
        skippable(Buffer.from('podman'), 15),
        ...framesOf(tar, 500_000).flatMap((frame, at) => [
          frame,
          skippable(Buffer.alloc(at * 70_000), at % 16),
        ]),
      ]),
    ));

  it('are unpacked with frames that hold nothing, and with many small ones', () =>
    unpacksWhole(
      Buffer.concat([
        zstdCompressSync(Buffer.alloc(0)),
        ...framesOf(tar, 500).flatMap((frame) => [frame, zstdCompressSync(Buffer.alloc(0))]),
      ]),
    ));

  it('are refused when they end inside a frame, wherever that is', async () => {
    const frames = framesOf(tar, Math.ceil(tar.length / 2));
    const [first = Buffer.alloc(0)] = frames;
    const bytes = Buffer.concat([...frames, skippable(Buffer.from('behind'))]);
    const ends = [5, 6, 9, first.length - 1, first.length + 3, first.length + 6, bytes.length - 15];
    for (const end of [...ends, bytes.length - 12, bytes.length - 1])
      await assert.rejects(
        unpack(bytes.subarray(0, end)),
        /is not intact zstd: it ends inside a frame/,
        `${end}`,
      );
  });

  it('are refused when what stands behind a frame starts no other', async () => {
    const frames = framesOf(tar, 1_000_000);
    for (const behind of [Buffer.from('more than nothing'), Buffer.alloc(512), zlib.gzipSync(tar)])
      await assert.rejects(unpack(Buffer.concat([...frames, behind])), /not intact zstd: no frame starts/);
  });
});
