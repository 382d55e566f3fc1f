import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { startDockerRegistry, type DockerRegistry } from '../support/dockerRegistry';
import { peerOrSkip } from '../support/peers';
import { testAccount } from '../support/testAccount';
import {
  newFolder,
  pullByCommand,
  pushByCommand,
  signInByCommand,
  signOutByCommand,
  workspaceFolder,
} from './support/flows';
import { storeSignInsIn, useRegistries } from './support/registries';

const run = promisify(execFile);

describe('beside the real oras', () => {
  let oras: string;
  let registry: DockerRegistry;
  const at = (folder: vscode.Uri, name: string) => path.join(folder.fsPath, name);
  const inFolder = (folder: vscode.Uri, ...args: string[]) => run(oras, args, { cwd: folder.fsPath });

  before(async function () {
    oras = peerOrSkip(this, 'oras');
    peerOrSkip(this, 'docker-registry');
    registry = await startDockerRegistry();
    await useRegistries({ host: registry.host, plainHttp: true });
  });
  after(async () => {
    await registry?.stop();
    await useRegistries();
    await storeSignInsIn('ask');
  });

  it('what the editor pushes, oras pull restores to identical bytes', async () => {
    const workspace = workspaceFolder();
    const files = ['README.md', 'config/app.yaml', 'policies'].map((name) =>
      vscode.Uri.joinPath(workspace, name),
    );
    const pushed = await pushByCommand(files, `${registry.host}/peers/ours:v1`);
    assert.deepEqual(pushed.errors, []);
    const folder = await newFolder();
    await inFolder(folder, 'pull', '--plain-http', `${registry.host}/peers/ours:v1`);
    await run('diff', ['-r', at(workspace, 'policies'), at(folder, 'policies')]);
    for (const name of ['README.md', 'config/app.yaml']) {
      assert.ok((await readFile(at(folder, name))).equals(await readFile(at(workspace, name))), name);
    }
  });

  it('what oras pushes (file, several, folder), the editor pulls', async () => {
    const folder = await newFolder();
    await mkdir(at(folder, 'tree/deep'), { recursive: true });
    await writeFile(at(folder, 'one.txt'), 'one\n');
    await writeFile(at(folder, 'two.bin'), Buffer.alloc(100_000, 7));
    await writeFile(at(folder, 'tree/deep/three.txt'), 'three\n');
    for (const [tag, ...files] of [
      ['file', 'one.txt'],
      ['several', 'one.txt', 'two.bin'],
      ['folder', 'tree'],
    ] as const) {
      await inFolder(folder, 'push', '--plain-http', `${registry.host}/peers/theirs:${tag}`, ...files);
      const target = await newFolder();
      const pulled = await pullByCommand([registry.host, 'peers/theirs', tag], target);
      assert.deepEqual(pulled.errors, []);
      for (const file of files) await run('diff', ['-r', at(folder, file), at(target, file)]);
    }
  });

  it('a login written by one is used by the other', async () => {
    const guarded = await startDockerRegistry({ auth: 'htpasswd' });
    const { host } = guarded;
    const { username, password } = testAccount;
    const folder = await newFolder();
    try {
      await useRegistries({ host, plainHttp: true });
      await storeSignInsIn('dockerConfig');
      await signInByCommand(host, username, password);
      await inFolder(folder, 'repo', 'ls', '--plain-http', host);
      await signOutByCommand(host);
      await assert.rejects(inFolder(folder, 'repo', 'ls', '--plain-http', host));
      await inFolder(folder, 'login', '--plain-http', '-u', username, '-p', password, host);
      const file = vscode.Uri.joinPath(workspaceFolder(), 'README.md');
      const pushed = await pushByCommand([file], `${host}/peers/login:v1`);
      assert.deepEqual(pushed.errors, []);
      await inFolder(folder, 'logout', host);
    } finally {
      await guarded.stop();
    }
  });
});
