import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gitAnnotations } from '../../../../src/oci/gitStamp';
import { readGitFacts } from '../../../../src/targets/folder/gitFacts';
import { fill, removeFolder, scratchFolder } from './scratchFolder';

const run = promisify(execFile);

describe('The git source and revision of a folder', () => {
  let folder: string;
  const git = (...args: string[]) =>
    run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: folder });

  beforeEach(async () => {
    folder = await scratchFolder();
    await fill(folder, { 'sub/a.txt': 'a', 'other/b.txt': 'b' });
  });
  afterEach(() => removeFolder(folder));

  it('are read from the work tree, and are marked when files of the folder differ', async () => {
    await git('init', '-q');
    await git('remote', 'add', 'origin', 'https://user:secret@example.com/team/app.git');
    await git('add', '.');
    await git('commit', '-qm', 'one');
    const revision = (await git('rev-parse', 'HEAD')).stdout.trim();
    const facts = await readGitFacts(path.join(folder, 'sub'));
    assert.deepEqual(gitAnnotations(facts), {
      'org.opencontainers.image.source': 'https://example.com/team/app',
      'org.opencontainers.image.revision': revision,
    });
    await writeFile(path.join(folder, 'other/b.txt'), 'changed');
    assert.equal((await readGitFacts(path.join(folder, 'sub'))).modified, false);
    assert.equal((await readGitFacts(path.join(folder, 'other'))).modified, true);
    await writeFile(path.join(folder, 'sub/new.txt'), 'new');
    assert.equal((await readGitFacts(path.join(folder, 'sub'))).modified, true);
  });

  it('are none without a commit, and without a work tree', async () => {
    assert.deepEqual(await readGitFacts(folder), {});
    await git('init', '-q');
    assert.deepEqual(await readGitFacts(folder), {});
    assert.deepEqual(gitAnnotations({}), {});
  });

  it('stop with the abort reason', async () => {
    const reason = new Error('no longer wanted');
    await assert.rejects(readGitFacts(folder, { signal: AbortSignal.abort(reason) }), reason);
  });
});
