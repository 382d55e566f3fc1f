import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ContentMismatchError, InvalidContentError, UnsupportedError } from '../../../../src/oci/errors';
import { decompressed } from '../../../../src/targets/folder/decompressed';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { handmadeTar } from './handmadeTar';
import { layer } from './pullFiles';
import { removeFolder, scratchFolder } from './scratchFolder';

async function* pieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function expanded(bytes: Buffer, pieceBytes = bytes.length): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of decompressed(pieces(bytes, pieceBytes), 'it')) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('decompressing', () => {
  it('names a compression that is not read', async () => {
    for (const [format, hex] of [
      ['xz', 'fd377a585a0000'],
      ['bzip2', '425a68393141592653590000'],
      ['lz4', '04224d18604073'],
      ['zip', '504b03040a0000'],
    ] as const)
      await assert.rejects(expanded(Buffer.from(hex, 'hex'), 2), (error) => {
        return error instanceof UnsupportedError && error.message.includes(`${format} compression`);
      });
  });
});

describe('decompressing gzip', () => {
  const contents = [randomBytes(1_500_000), Buffer.alloc(0), randomBytes(10), randomBytes(400_000)];
  const members = contents.map((content) => gzipSync(content));

  it('gives the content of every member, wherever pieces end', async () => {
    for (const pieceBytes of [1009, 65_536, 3_000_000])
      assert.deepEqual(await expanded(Buffer.concat(members), pieceBytes), Buffer.concat(contents));
  });

  it('takes zeros behind the last member for padding', async () => {
    const padded = Buffer.concat([...members, Buffer.alloc(3_000_000)]);
    assert.deepEqual(await expanded(padded), Buffer.concat(contents));
  });

  it('refuses a member or anything else behind zeros, rather than leaving it out', async () => {
    const [first = Buffer.alloc(0), , , last = Buffer.alloc(0)] = members;
    for (const zeros of [1, 512, 3_000_000])
      for (const behind of [last, Buffer.from('x')])
        await assert.rejects(expanded(Buffer.concat([first, Buffer.alloc(zeros), behind])), (error) => {
          return error instanceof InvalidContentError && /goes on behind its end/.test(error.message);
        });
  });

  it('reads a layer to its end, so that wrong bytes behind the archive are found', async () => {
    const folder = await scratchFolder();
    try {
      const archive = gzipSync(handmadeTar([{ path: 't/a', content: 'a' }]));
      const promised = Buffer.concat([archive, Buffer.alloc(5_000_000)]);
      const arriving = Buffer.from(promised);
      arriving[4_900_000] = 1;
      const { file, open } = layer('t', promised, { unpack: true, arriving });
      await assert.rejects(new FolderSink(folder).stage(file, open), ContentMismatchError);
    } finally {
      await removeFolder(folder);
    }
  });
});
