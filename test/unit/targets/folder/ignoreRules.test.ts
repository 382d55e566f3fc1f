import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { IGNORE_FILE } from '../../../../src/targets/folder/ignoreRules';
import { LocalFiles } from '../../../../src/targets/folder/localFiles';
import { walkFolder } from '../../../../src/targets/folder/walkFolder';
import { fill, listing, removeFolder, scratchFolder } from './scratchFolder';

const run = promisify(execFile);

/** What each folder holds, and the ignore files in it. */
const FILES = [
  'a.log',
  'keep.log',
  'build/out.bin',
  'build/keep/x',
  'src/main.c',
  'src/main.o',
  'src/build/out.bin',
  'src/deep/er/x.tmp',
  'src/deep/er/y.txt',
  'docs/a b.txt',
  'docs/#notes',
  'docs/!important',
  'docs/weird [1].txt',
  'doc.md',
  'Ünï/ß.txt',
  'trailing ',
  'vendor/lib/a.js',
  'vendor/lib/b.js',
  'vendor/lib/sub/a.log',
];

const cases: Record<string, Readonly<Record<string, string>>> = {
  'plain names at any depth': { '': 'out.bin\n*.o\n' },
  'a name only at the top': { '': '/a.log\n/main.c\n' },
  'folders alone': { '': 'build/\ndoc.md/\n' },
  'a folder by its path': { '': 'src/build\n' },
  'double stars': { '': '**/er/*.tmp\nvendor/**\n' },
  'a middle double star': { '': 'src/**/y.txt\n' },
  negation: { '': '*.log\n!keep.log\n' },
  'negation in a folder that is ignored': { '': 'build/\n!build/keep/x\n' },
  'everything but': { '': '/*\n!/src/\n/src/*\n!/src/main.c\n' },
  'comments, blank lines and escapes': { '': '# comment\n\n\\#notes\n\\!important\n' },
  spaces: { '': 'a b.txt\ntrailing\\ \n' },
  'question marks and classes': { '': 'doc?.txt\nweird [[]1].txt\n[a-k].log\n' },
  'other cases are other names': { '': 'DOC.MD\nKEEP.LOG\n' },
  'names beyond ASCII': { '': 'ß.txt\n' },
  'carriage returns': { '': 'doc.md\r\n*.o\r\n' },
  'a deeper file adds': { '': '*.o\n', 'src/': 'main.c\n' },
  'a deeper file takes in again': { '': '*.log\n*.js\n', 'vendor/lib/': '!a.js\n!*.log\n' },
  'a deeper file takes a folder in again': { '': 'build/\n*.bin\n', 'src/': '!build/\n' },
  'a deeper file takes a folder with odd letters in again': { '': 'sub/\n*.log\n', 'vendor/lib/': '!sub/\n' },
  'a rule with a slash counts from its own folder': { 'src/': '/deep/er/x.tmp\n', 'docs/': 'deep/er\n' },
  'the ignore file itself': { '': `${IGNORE_FILE}\n` },
};

describe('Ignore files', () => {
  let folder: string;
  let gitFolder: string;

  before(async () => {
    gitFolder = await scratchFolder();
    await run('git', ['init', '-q', '--bare', gitFolder]);
  });
  after(() => removeFolder(gitFolder));

  beforeEach(async () => {
    folder = await scratchFolder();
    await fill(folder, Object.fromEntries(FILES.map((name) => [name, name])));
  });

  afterEach(() => removeFolder(folder));

  for (const [name, rules] of Object.entries(cases)) {
    it(`leave out what git ignores: ${name}`, async () => {
      for (const [base, text] of Object.entries(rules)) {
        await writeFile(path.join(folder, base, IGNORE_FILE), text);
        await writeFile(path.join(folder, base, '.gitignore'), text);
      }
      const walked = await filesOf(folder, IGNORE_FILE);
      const isOurs = (file: string) => !file.endsWith('.gitignore');
      assert.deepEqual(walked.filter(isOurs), (await notIgnoredByGit(folder, gitFolder)).filter(isOurs));
    });
  }

  it('count in what is measured and packed, unless they are not wanted', async () => {
    await mkdir(path.join(folder, 'small'));
    await fill(path.join(folder, 'small'), { [IGNORE_FILE]: 'big\n', big: 'x'.repeat(1000), a: '1' });
    const file = { path: path.join(folder, 'small'), title: 'small' };
    const [some, all] = [new LocalFiles(), new LocalFiles({ ignoreFile: 'none' })];
    try {
      assert.equal(await some.measure(file), 5);
      assert.equal(await all.measure(file), 1005);
      assert.notEqual((await some.add(file)).digest, (await all.add(file)).digest);
    } finally {
      await Promise.all([some.dispose(), all.dispose()]);
    }
  });

  it('leave out what could not be pushed', async () => {
    await run('mkfifo', [path.join(folder, 'pipe')]);
    await assert.rejects(filesOf(folder, IGNORE_FILE), /it is a pipe/);
    await writeFile(path.join(folder, IGNORE_FILE), 'pipe\n');
    assert.ok(!(await filesOf(folder, IGNORE_FILE)).includes('pipe'));
  });
});

async function filesOf(root: string, ignoreFile: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { relativePath, kind } of walkFolder(root, { ignoreFile }))
    if (kind === 'file') found.push(relativePath);
  return found.sort();
}

/** Every file but those that `git check-ignore` names, which take the folder they are in along. */
async function notIgnoredByGit(root: string, gitFolder: string): Promise<string[]> {
  const all = await listing(root);
  const place = [
    `--git-dir=${gitFolder}`,
    `--work-tree=${root}`,
    '-c',
    'core.bare=false',
    '-c',
    'core.ignorecase=false',
  ];
  const child = run('git', [...place, 'check-ignore', '--no-index', '-z', '--stdin'], { cwd: root });
  child.child.stdin?.end(all.join('\0'));
  const { stdout } = await child.catch((error: { stdout: string; code: number }) => {
    // 1 says that none is ignored.
    if (error.code === 1) return error;
    throw error;
  });
  const ignored = new Set(stdout.split('\0'));
  const files = await filesOf(root, '');
  return files.filter((name) => !ignored.has(name));
}
