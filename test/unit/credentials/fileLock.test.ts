import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type * as Esbuild from 'esbuild';
import { DockerConfigStore } from '../../../src/credentials/dockerConfigStore';
import { withFileLock } from '../../../src/credentials/fileLock';
import { projectRoot } from '../../support/projectRoot';
import { makeCredentialHome, type CredentialHome } from './credentialHome';

describe('writing a docker config from several sides', () => {
  let home: CredentialHome;

  beforeEach(async () => {
    home = await makeCredentialHome();
    await home.writeConfig('{\n  "kept": 1.0\n}\n');
  });
  afterEach(() => home.remove());

  async function buildWriter(): Promise<string> {
    const { build } = createRequire(path.join(projectRoot(), 'package.json'))('esbuild') as typeof Esbuild;
    const entry = path.join(projectRoot(), 'test/unit/credentials/writeCredentials.program.ts');
    const outfile = path.join(home.folder, 'writeCredentials.cjs');
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', logLevel: 'error' });
    return outfile;
  }

  it('loses no line of eight processes that write at once', async function () {
    this.timeout(20_000);
    const program = await buildWriter();
    const names = Array.from({ length: 8 }, (_, index) => `writer${index}`);
    const run = (name: string) =>
      promisify(execFile)(process.execPath, [program, home.configFile, name, '6']);
    await Promise.all(names.map(run));
    const { auths, kept } = JSON.parse(await home.readConfig()) as { auths: object; kept: number };
    const expected = names.flatMap((name) => [0, 2, 4].map((index) => `${name}-${index}.io`));
    assert.deepEqual(Object.keys(auths).sort(), expected.sort());
    assert.equal(kept, 1);
    assert.deepEqual(await readdir(path.dirname(home.configFile)), ['config.json']);
  });

  it('loses no line of calls side by side in one process', async () => {
    const store = new DockerConfigStore({ environment: home.environment });
    const hosts = Array.from({ length: 20 }, (_, index) => `r${index}.io`);
    await Promise.all(hosts.map((host) => store.set(host, { kind: 'basic', username: 'u', password: 'p' })));
    const { auths } = JSON.parse(await home.readConfig()) as { auths: object };
    assert.deepEqual(Object.keys(auths).sort(), hosts.sort());
  });

  it('keeps what a program that knows no lock wrote meanwhile', async () => {
    const store = new DockerConfigStore({ environment: home.environment });
    const writing = withFileLock(home.configFile, async () => {
      const waiting = store.set('ours.io', { kind: 'basic', username: 'u', password: 'p' });
      await writeFile(home.configFile, '{"auths":{"theirs.io":{}}}');
      return { waiting };
    });
    await (
      await writing
    ).waiting;
    const { auths } = JSON.parse(await home.readConfig()) as { auths: object };
    assert.deepEqual(Object.keys(auths), ['ours.io', 'theirs.io']);
  });

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    const mark = JSON.stringify({ pid, machine: hostname(), id: 'x' });
    await writeFile(`${home.configFile}.lock`, mark);
    await withFileLock(home.configFile, async (lock) => assert.ok(await lock.isOurs()));
    await assert.rejects(stat(`${home.configFile}.lock`), { code: 'ENOENT' });
  });

  it('takes over a lock that is too old', async () => {
    const lockFile = `${home.configFile}.lock`;
    await writeFile(lockFile, JSON.stringify({ pid: process.pid, machine: hostname(), id: 'x' }));
    const old = new Date(Date.now() - 60_000);
    await utimes(lockFile, old, old);
    await withFileLock(home.configFile, async (lock) => assert.ok(await lock.isOurs()));
  });

  it('waits for a lock that is held, and gives the abort reason', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    await withFileLock(home.configFile, async (lock) => {
      let entered = false;
      const second = withFileLock(home.configFile, async () => (entered = true), controller);
      controller.abort(reason);
      await assert.rejects(second, reason);
      assert.equal(entered, false);
      assert.ok(await lock.isOurs());
    });
  });

  it('leaves a lock that another took over to its new owner', async () => {
    const lockFile = `${home.configFile}.lock`;
    await withFileLock(home.configFile, async (lock) => {
      await writeFile(lockFile, 'another');
      assert.equal(await lock.isOurs(), false);
    });
    await stat(lockFile);
  });
});
