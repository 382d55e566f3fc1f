import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { failedMember } from '../../../../src/commands/definitions/failedMember';
import { pathsOfPush } from '../../../../src/commands/definitions/definitionPaths';
import { readPull, readPush } from '../../../../src/commands/definitions/readDefinition';
import {
  ofEntry,
  ofTask,
  withMembers,
  type WrittenDefinition,
} from '../../../../src/commands/definitions/writtenDefinition';
import { parseArtifactsFile } from '../../../../src/host/artifactsFile/artifactsFile';
import { CopyError, DefinitionError, FileError, UnsafePathError } from '../../../../src/oci/errors';
import { digestOf } from '../../../../src/oci/digest';
import { pathInFolder } from '../../../../src/targets/folder/ownFolder';
import { readWholeFile } from '../../../../src/targets/folder/wholeFile';
import { removeFolder, scratchFolder } from '../../targets/folder/scratchFolder';

const disk = { pathInFolder, readWholeFile };

describe('reading a definition', () => {
  let folder: string;

  before(async () => {
    folder = await scratchFolder();
    await mkdir(path.join(folder, 'sub'));
    await writeFile(path.join(folder, 'VERSION'), ' 1.2.3\n');
    await symlink('/etc', path.join(folder, 'etc'));
    process.env['OCI_TEST_TAG'] = 'from-env';
  });
  after(async () => {
    delete process.env['OCI_TEST_TAG'];
    await removeFolder(folder);
  });

  /** The definition on line 2 of a file, one member a line from line 3 on. */
  function written(action: 'push' | 'pull', members: Readonly<Record<string, unknown>>): WrittenDefinition {
    const section = action === 'push' ? 'artifacts' : 'pulls';
    const lines = Object.entries(members).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
    const text = `{ "${section}": {\n"it": {\n${lines.join(',\n')}\n} } }`;
    const [entry] = parseArtifactsFile(text, path.join(folder, '.oci/artifacts.json'));
    return ofEntry(entry ?? assert.fail(), folder);
  }

  async function refusal(reading: Promise<unknown>): Promise<DefinitionError> {
    const error: unknown = await reading.then(
      () => assert.fail('it was taken'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof DefinitionError, String(error));
    return error;
  }

  it('fills in the environment and files', async () => {
    const { definition } = await readPush(
      disk,
      written('push', {
        to: 'host/name:${env:OCI_TEST_TAG},${file:VERSION}',
        annotations: { a: '$${env:X}' },
      }),
    );
    assert.equal(definition.to, 'host/name:from-env,1.2.3');
    assert.deepEqual(definition.annotations, { a: '${env:X}' });
  });

  it('names a layout from the folder on', async () => {
    const pushed = await readPush(disk, written('push', { to: 'layout:out/layout:v1' }));
    assert.equal(pushed.definition.to, `layout:${path.join(folder, 'out/layout:v1')}`);
    const pulled = await readPull(disk, written('pull', { from: 'layout:./out/layout:v1', into: 'sub' }));
    assert.equal(pulled.definition.from, `layout:${path.join(folder, 'out/layout:v1')}`);
    assert.equal(pulled.into, path.join(folder, 'sub'));
  });

  const to = 'host/name:v1';
  const from = 'host/name:v1';
  for (const [action, members, line, said] of [
    ['push', { to: 'host/name:${env:OCI_TEST_UNSET}' }, 3, /\$\{env:OCI_TEST_UNSET\} is not set/],
    ['push', { files: [], to: '${file:GONE}' }, 4, /\$\{file:GONE\} cannot be read: .*does not exist/],
    ['push', { to: '${file:../x}' }, 3, /\$\{file:\.\.\/x\} cannot be read: .*leads out/],
    ['push', { to: '${workspaceFolder}' }, 3, /\$\{env:…\} and \$\{file:…\} are/],
    ['push', { artifactType: 'a/b' }, 2, /"to" is missing/],
    ['push', { to, typo: 1 }, 4, /"typo" is not known/],
    ['push', { to, files: ['../secret'] }, 4, /"\.\.\/secret": it leads out of the workspace folder/],
    ['push', { to, files: ['etc/passwd'] }, 4, /leads out of the workspace folder/],
    ['push', { to, config: '/etc/passwd' }, 4, /leads out of the workspace folder/],
    ['push', { to, annotationFile: 'etc/x.json' }, 4, /leads out of the workspace folder/],
    ['push', { to, exportManifest: '../manifest.json' }, 4, /leads out of the workspace folder/],
    ['push', { to, exportManifest: '.vscode/tasks.json' }, 4, /nothing is written to \.vscode/],
    ['push', { to: 'layout:../layout:v1' }, 3, /leads out of the workspace folder/],
    ['push', { to: 'layout:/tmp/layout:v1' }, 3, /leads out of the workspace folder/],
    ['pull', { from, into: '..' }, 4, /leads out of the workspace folder/],
    ['pull', { from, into: 'etc' }, 4, /leads out of the workspace folder/],
    ['pull', { from, into: '.' }, 4, /name a folder below it/],
    ['pull', { from, into: '.git/hooks' }, 4, /nothing is written to \.git/],
    ['pull', { from: 'layout:/etc:v1', into: 'a' }, 3, /leads out of the workspace folder/],
  ] as const) {
    it(`refuses the ${action} ${JSON.stringify(members)}, and says where`, async () => {
      const read = action === 'push' ? readPush : readPull;
      const error = await refusal(read(disk, written(action, members)));
      assert.equal(error.place.line, line);
      assert.match(error.message, new RegExp(`The ${action} definition "it" cannot be used`));
      assert.match(error.message, said);
    });
  }

  it('lets a task have the last word, whose own mistakes stand at the name', async () => {
    const base = written('push', { to: 'host/name:v1', artifactType: 'a/b' });
    const { definition } = await readPush(disk, withMembers(base, { to: 'host/name:v2' }));
    assert.deepEqual([definition.to, definition.artifactType], ['host/name:v2', 'a/b']);
    const error = await refusal(readPush(disk, withMembers(base, { to: 'nowhere' })));
    assert.equal(error.place.line, 2);
  });

  it('takes all from a task', async () => {
    const task = withMembers(ofTask('push', folder), { to, files: ['VERSION'] });
    assert.deepEqual((await readPush(disk, task)).definition, { to, files: [{ path: 'VERSION' }] });
    await assert.rejects(
      readPush(disk, withMembers(ofTask('push', folder), {})),
      /The push task.*"to" is missing/,
    );
  });

  it('finds the member that a failure is about', () => {
    const paths = pathsOfPush({
      to: 'host/name:v1',
      files: [{ path: 'a.txt' }, { path: 'sub', title: '../b' }],
      config: { path: 'config.json' },
    });
    const member = (error: unknown) => failedMember(error, paths, '/ws');
    assert.deepEqual(member(new FileError('/ws/config.json', 'ENOENT', 'gone')), ['config', 'path']);
    assert.deepEqual(member(new FileError('/ws/sub/deep/x', 'EACCES', 'no')), ['files', 1, 'path']);
    assert.deepEqual(member(new UnsafePathError('../b', 'no')), ['files', 1, 'path']);
    const cause = new FileError('/ws/a.txt', 'CHANGED', 'changed');
    assert.deepEqual(member(new CopyError('source', 'Reading', digestOf(Buffer.of()), cause)), [
      'files',
      0,
      'path',
    ]);
    assert.equal(member(new Error('other')), undefined);
  });
});
