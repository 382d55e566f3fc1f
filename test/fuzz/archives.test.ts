import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  FileError,
  InvalidContentError,
  UnsafePathError,
  UnsupportedError,
  type OciError,
} from '../../src/oci/errors';
import { entrySize, sizeInHeader } from '../../src/targets/folder/entrySize';
import { FolderSink } from '../../src/targets/folder/folderSink';
import { readTar } from '../../src/targets/folder/tarReader';
import { DEFAULT_UNPACK_LIMITS } from '../../src/targets/folder/unpackLimits';
import { asyncLaw, fuzz, law, only, recordOf } from '../support/fuzz';
import { handmadeEntry, paxRecord, rawPax, withHeader } from '../unit/targets/folder/handmadeTar';
import { layer } from '../unit/targets/folder/pullFiles';
import { removeFolder, scratchFolder } from '../unit/targets/folder/scratchFolder';

const part = fc.constantFrom(
  'a',
  'b',
  'A',
  '..',
  '.',
  '',
  'd',
  '\ufb01',
  'fi',
  'a\\b',
  'C:',
  'nul',
  '\u202e',
);
const inside = fc.array(part, { maxLength: 4 }).map((parts) => ['t', ...parts].join('/'));
const tame = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })
  .map((parts) => ['t', ...parts].join('/'));
const strange = fc.constantFrom(
  't',
  't/',
  '/etc/x',
  '../precious',
  'C:/x',
  't/..',
  `t/${'x'.repeat(90)}`,
  '',
  'u/x',
);
const paths = fc.oneof({ arbitrary: tame, weight: 6 }, { arbitrary: inside, weight: 2 }, strange);
const targets = fc.oneof(
  tame,
  fc.constantFrom('a', 'b', '../a', '../../precious', '/etc/passwd', '.', '..', 'a/../..', '../b/../../..'),
);
const flags = fc.oneof(
  { arbitrary: fc.constantFrom('0', '0', '\0', '5', '2', '1'), weight: 8 },
  fc.constantFrom('3', '4', '6', '7', 'S', 'x', 'g', 'L', 'K', 'V', 'D', '?'),
);
const sizeFields = fc.oneof(
  fc.constantFrom('00000000000', '77777777777', '-0000000001', '9', ' 1000 ', '1000\x0000', '0x20'),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const records = fc.oneof(
  fc.tuple(fc.constant('path'), paths),
  fc.tuple(fc.constant('linkpath'), targets),
  fc.tuple(fc.constant('size'), fc.constantFrom('0', '512', '-1', '1e3', '99999999999', '9'.repeat(30), '')),
  fc.tuple(fc.constant('mtime'), fc.constantFrom('0', '-1', '1e9', '9'.repeat(40), '1.5')),
  fc.tuple(fc.constantFrom('GNU.sparse.major', 'comment', 'SCHILY.xattr.x'), fc.constant('1')),
  fc.tuple(fc.constant('GNU.sparse.size'), fc.constantFrom('0', '1', '600', '4096', '9'.repeat(15))),
  fc.tuple(fc.constantFrom('GNU.sparse.numblocks', 'GNU.sparse.minor'), fc.constantFrom('0', '1', '2')),
  fc.tuple(fc.constant('GNU.sparse.map'), fc.constantFrom('', '0,1', '5,600', '0,1,0,1', '0,0,1,0')),
  fc.tuple(fc.constant('GNU.sparse.name'), paths),
);

/** One entry: what it claims, and what it is. */
const entries = recordOf({
  path: paths,
  flag: flags,
  linkpath: targets,
  mode: fc.constantFrom(0o644, 0o755, 0, 0o7777),
  content: fc.constantFrom('', '', 'x', 'x'.repeat(600)),
  size: fc.option(sizeFields, { freq: 12 }),
  pax: fc.option(fc.array(records, { maxLength: 3 }), { freq: 4 }),
  global: fc.boolean(),
}).map(({ path: name, flag, size, pax, global, ...rest }) => {
  const bytes = withHeader(handmadeEntry({ path: name, ...rest }), (block) => {
    block.write(flag, 156, 'latin1');
    if (size !== null) block.write(size, 124, 12, 'latin1');
  });
  const body = (pax ?? []).map(([key, value]) => paxRecord(key, value)).join('');
  return pax ? Buffer.concat([rawPax(body, global && pax.length === 1 ? 'g' : 'x'), bytes]) : bytes;
});

/** An archive as it was made, with a bit turned, or cut. */
const archives = fc
  .tuple(
    fc.array(entries, { maxLength: 6 }),
    fc.option(fc.tuple(fc.nat(8_000), fc.nat(7)), { freq: 5 }),
    fc.option(fc.nat(8_000), { freq: 8 }),
    fc.boolean(),
  )
  .map(([list, flip, end, isEnded]) => {
    const bytes = Buffer.concat([...list, Buffer.alloc(isEnded ? 1024 : 0)]);
    if (flip && bytes.length > 0) {
      const at = flip[0] % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << flip[1]);
    }
    return end === null ? bytes : bytes.subarray(0, end);
  });

const REFUSALS = [UnsafePathError, InvalidContentError, UnsupportedError, FileError] as const;

/** The error of a class that a refusal may have; anything else is thrown. */
async function refusalOf(run: () => Promise<unknown>): Promise<OciError | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    const refusal = REFUSALS.find((each) => error instanceof each);
    if (!refusal) throw error;
    return error as OciError;
  }
}

fuzz('Archive', [
  asyncLaw(
    'any bytes are entries that lie one behind the other, or an error that says what is wrong',
    archives,
    async (archive) => {
      let end = 0;
      const refusal = await refusalOf(async () => {
        for await (const { sizeBytes, bodyOffset, body } of readTar(pieces(archive), 'it', {
          takesSparse: true,
        })) {
          assert.ok(bodyOffset >= end + 512 && bodyOffset % 512 === 0);
          let seenBytes = 0;
          for await (const chunk of body) seenBytes += chunk.length;
          assert.equal(seenBytes, sizeBytes);
          end = bodyOffset + sizeBytes;
        }
      });
      if (!refusal) assert.ok(end <= archive.length);
    },
    { weight: 0.3 },
  ),
  law(
    'any size field and record is a size that both can mean, or an InvalidContentError',
    fc.tuple(sizeFields, fc.option(fc.oneof(fc.nat().map(String), fc.string({ maxLength: 4 })))),
    ([field, inPax]) => {
      const block = Buffer.alloc(512);
      block.write(field, 124, 12, 'latin1');
      const inHeader = only(InvalidContentError, () => sizeInHeader(block, 'it'));
      if (inHeader === undefined) return;
      assert.ok(Number.isSafeInteger(inHeader) && inHeader >= 0);
      const said = { path: 'x', inHeader, ...(inPax !== null && { inPax }) };
      const sizeBytes = only(InvalidContentError, () => entrySize(said, 'it'));
      if (sizeBytes === undefined) return;
      assert.ok(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0);
      assert.ok(sizeBytes === inHeader || sizeBytes >= 8 ** 11);
    },
    { weight: 0.7 },
  ),
]);

describe('An archive on a disk', () => {
  let scratch: string;
  before(async () => {
    scratch = await scratchFolder();
    await mkdir(path.join(scratch, 'into'));
    await writeFile(path.join(scratch, 'precious'), 'mine');
    await writeFile(path.join(scratch, 'into/neighbour'), 'mine');
  });
  after(() => removeFolder(scratch));

  fuzz(
    'unpacked',
    [
      asyncLaw(
        'lands inside its folder and nowhere else, or nothing of it is there',
        fc.tuple(archives, fc.boolean(), fc.constantFrom('linux', 'darwin', 'win32')),
        async ([archive, isPacked, platform]) => {
          const into = path.join(scratch, 'into');
          const sink = new FolderSink(into, {
            platform,
            limits: { ...DEFAULT_UNPACK_LIMITS, freeBytes: 1024 ** 2 },
          });
          const { file, open } = layer('t', isPacked ? gzipSync(archive) : archive, { unpack: true });
          const refusal = await refusalOf(async () => {
            await sink.stage(file, open);
            await sink.commit('overwrite');
          });
          if (refusal) await sink.discard();
          assert.deepEqual((await readdir(into)).sort(), refusal ? ['neighbour'] : ['neighbour', 't']);
          if (!refusal) await assertHarmless(path.join(into, 't'));
          await removeUnpacked(path.join(into, 't'));
          assert.deepEqual((await readdir(scratch)).sort(), ['into', 'precious']);
          assert.equal(await readFile(path.join(scratch, 'precious'), 'utf8'), 'mine');
          assert.equal(await readFile(path.join(into, 'neighbour'), 'utf8'), 'mine');
        },
      ),
    ],
    { share: 0.01 },
  );
});

/** Odd lengths, so that no piece ends where a block does. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 701) yield bytes.subarray(start, start + 701);
}

/** Files, folders and links that stay inside, without setuid and the like. */
async function assertHarmless(root: string): Promise<void> {
  for (const name of ['', ...(await readdir(root, { recursive: true }))]) {
    const full = path.join(root, name);
    const stats = await lstat(full);
    assert.ok(stats.isFile() || stats.isDirectory() || stats.isSymbolicLink(), name);
    if (!stats.isSymbolicLink()) assert.equal(stats.mode & 0o7000, 0, name);
    else assert.ok(await leadsInside(root, full), `${name} -> ${await readlink(full)}`);
  }
}

async function leadsInside(root: string, link: string): Promise<boolean> {
  const target = await realpath(link).catch(() => root);
  return target === root || target.startsWith(root + path.sep);
}

/** Archives make folders that nobody may enter, not even to remove what is in them. */
async function removeUnpacked(root: string): Promise<void> {
  const stats = await lstat(root).catch(() => undefined);
  if (!stats) return;
  if (stats.isDirectory()) {
    await chmod(root, 0o700);
    for (const name of await readdir(root)) await removeUnpacked(path.join(root, name));
  }
  await rm(root, { recursive: true });
}
