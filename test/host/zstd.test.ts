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
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync: (bytes: Uint8Array) => Buffer };

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

  const unpack = async (bytes: Buffer) => {
    const descriptor = { mediaType: 'application/x', digest: digestOf(bytes), size: bytes.length };
    const sink = new FolderSink(folder);
    const file = { title: 'tree', descriptor, unpack: true };
    await sink.stage(file, async () => Readable.from([bytes], { objectMode: false }));
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
});
