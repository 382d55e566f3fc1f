import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UnsafePathError } from '../../../../src/oci/errors';
import { pathInFolder } from '../../../../src/targets/folder/ownFolder';
import { removeFolder, scratchFolder } from './scratchFolder';

describe('pathInFolder', () => {
  let root: string;
  let folder: string;

  before(async () => {
    root = await scratchFolder();
    folder = path.join(root, 'ws');
    await mkdir(path.join(folder, 'sub'), { recursive: true });
    await writeFile(path.join(root, 'secret'), 'secret');
    await writeFile(path.join(folder, 'a.txt'), 'a');
    await symlink('../secret', path.join(folder, 'out'));
    await symlink('..', path.join(folder, 'up'));
    await symlink('sub', path.join(folder, 'in'));
    await symlink('nowhere', path.join(folder, 'dangling'));
    await mkdir(path.join(folder, '.git'));
    await symlink('.git', path.join(folder, 'git'));
    await symlink('ws', path.join(root, 'link'));
  });
  after(() => removeFolder(root));

  for (const given of ['a.txt', 'sub', 'in/new/b.txt', 'sub/../a.txt', '.', '.git/HEAD', '..a']) {
    it(`reads ${given}`, async () => {
      assert.equal(await pathInFolder(folder, given, 'read'), path.resolve(folder, given));
    });
  }

  it('takes an absolute path into the folder, and a folder that is a link itself', async () => {
    const full = path.join(folder, 'a.txt');
    assert.equal(await pathInFolder(folder, full, 'read'), full);
    assert.equal(await pathInFolder(path.join(root, 'link'), full, 'read'), full);
  });

  for (const given of [
    '../secret',
    '..',
    'sub/../../secret',
    '/etc/passwd',
    'out',
    'up/secret',
    'up/new/c.txt',
  ]) {
    it(`refuses ${given}, which leads out`, async () => {
      await assert.rejects(pathInFolder(folder, given, 'read'), (error: unknown) => {
        assert.ok(error instanceof UnsafePathError);
        assert.equal(error.path, given);
        assert.match(error.reason, /leads out of the workspace folder/);
        return true;
      });
    });
  }

  it('refuses a link to nothing, which may lead anywhere by the time it is used', async () => {
    await assert.rejects(pathInFolder(folder, 'dangling/a', 'write'), /link to nothing/);
  });

  for (const given of ['.git', '.git/hooks/x', '.vscode/tasks.json', '.oci', '.GIT/config', 'git/hooks']) {
    it(`writes nothing to ${given}`, async () => {
      await assert.rejects(
        pathInFolder(folder, given, 'write'),
        /nothing is written to \.\w+, which is obeyed/i,
      );
    });
  }

  it('does not write to the folder itself', async () => {
    await assert.rejects(pathInFolder(folder, 'sub/..', 'write'), /name a folder below it/);
  });
});
