import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { LinkStepsError } from '../../../../src/oci/errors';
import { FolderSink } from '../../../../src/targets/folder/folderSink';
import { LinkResolver } from '../../../../src/targets/folder/linkTarget';
import { LocalFiles } from '../../../../src/targets/folder/localFiles';
import { DEFAULT_UNPACK_LIMITS } from '../../../../src/targets/folder/unpackLimits';
import { handmadeTarGz, type HandmadeEntry } from './handmadeTar';
import { layer } from './pullFiles';
import { fill, removeFolder, scratchFolder } from './scratchFolder';

/** Links that lead over the one before each, by way of a folder that is entered and left often. */
function chain(name: string, links: number, turns = 120): [string, string][] {
  return Array.from({ length: links }, (_, at) => [
    `${name}${at}`,
    `${'d/../'.repeat(turns)}${at === 0 ? 'd' : `${name}${at - 1}`}`,
  ]);
}

function archiveOf(links: readonly [string, string][]): Buffer {
  const folders: HandmadeEntry[] = [{ path: 't/d', type: 'Directory' }];
  return handmadeTarGz([
    ...folders,
    ...links.map(([name, target]): HandmadeEntry => {
      return { path: `t/${name}`, type: 'SymbolicLink', linkpath: 'x', pax: { linkpath: target } };
    }),
  ]);
}

describe('Links that lead over links', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await scratchFolder();
  });
  afterEach(() => removeFolder(folder));

  const names = Array.from({ length: 26 }, (_, at) => `${String.fromCharCode(97 + at)}-`);
  const unpack = async (archive: Buffer, linkSteps = DEFAULT_UNPACK_LIMITS.linkSteps) => {
    const sink = new FolderSink(folder, { limits: { ...DEFAULT_UNPACK_LIMITS, linkSteps } });
    const { file, open } = layer('t', archive, { unpack: true });
    await sink.stage(file, open);
    return sink.commit('overwrite');
  };

  it('are followed once each where an archive has them', async () => {
    const links = names.flatMap((name) => chain(name, 38));
    assert.equal((await unpack(archiveOf(links))).length, links.length);
  });

  it('are followed once each where a folder to push has them', async () => {
    await fill(folder, { 'd/x': 'x' });
    for (const [name, target] of names.slice(0, 8).flatMap((each) => chain(each, 38)))
      await symlink(target, path.join(folder, name));
    const files = new LocalFiles();
    try {
      assert.ok((await files.add({ path: folder, title: 't', mediaType: 'application/x' })).size > 0);
    } finally {
      await files.dispose();
    }
  });

  it('are refused past the steps that one archive may take, by an error of their own', async () => {
    await assert.rejects(unpack(archiveOf(chain('l', 30)), 5000), (error) => {
      assert.ok(error instanceof LinkStepsError, String(error));
      assert.match(error.message, /links of the archive of "t" takes more than 5000 steps/);
      return true;
    });
  });

  it('are refused where no system would follow them', async () => {
    await assert.rejects(unpack(archiveOf(chain('l', 41, 0))), /over more than 40 links/);
    const doubling = Array.from({ length: 6 }, (_, at): [string, string] => {
      return [`p${at}`, at === 0 ? 'd' : `p${at - 1}/../p${at - 1}`];
    });
    await assert.rejects(unpack(archiveOf(doubling)), /over more than 40 links/);
  });

  it('stop being followed when they are cancelled, and leave others their turn', async () => {
    const reason = new Error('cancelled');
    const cancel = new AbortController();
    const resolver = new LinkResolver(() => undefined, {
      where: 'it',
      platform: 'linux',
      signal: cancel.signal,
    });
    const follow = async () => {
      for (let at = 0; ; at++) await resolver.problem(`l${at}`, 'd/../'.repeat(120));
    };
    setTimeout(() => cancel.abort(reason), 5);
    await assert.rejects(follow(), (error) => error === reason);
  });
});

describe('The target of a link on Windows', () => {
  const problemOf = (link: string, target: string, links: Record<string, string> = {}) =>
    new LinkResolver((parts) => links[parts.join('/')], { where: 'it', platform: 'win32' }).problem(
      link,
      target,
    );

  for (const target of ['sub\\file', '..\\x', '.\\a\\..\\b', 'a/b', '..', 'with space/a.b'])
    it(`may be ${target}`, async () => assert.equal(await problemOf('a/link', target), undefined));

  for (const target of ['..\\..\\x', '../..\\x', 'x\\..\\..\\..\\y'])
    it(`may not lead out as ${target} does`, async () =>
      assert.match((await problemOf('a/link', target)) ?? '', /outside of the folder/));

  for (const target of [
    '\\x',
    '/x',
    'C:\\x',
    'C:x',
    'c:',
    '\\\\server\\share',
    '\\\\?\\C:\\x',
    '\\??\\C:\\x',
  ])
    it(`may not be absolute as ${target} is`, async () =>
      assert.match((await problemOf('a/link', target)) ?? '', /an absolute path/));

  for (const target of ['.. \\x', '...\\x', 'sub.\\x', 'NUL', 'a\\com1.txt', 'file:stream', 'a\u0002'])
    it(`may not be ${JSON.stringify(target)}, which Windows reads as another`, async () =>
      assert.match((await problemOf('a/link', target)) ?? '', /but Windows (drops|keeps|does not allow)/));

  it('is followed over links with backslashes', async () => {
    const links = { 'a/up': '..', 'a/deep': 'up\\..' };
    assert.match((await problemOf('a/link', 'deep\\x', links)) ?? '', /outside of the folder/);
    assert.equal(await problemOf('a/link', 'up\\x', links), undefined);
  });
});
