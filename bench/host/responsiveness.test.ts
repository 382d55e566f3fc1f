import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import path from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { startDockerRegistry, type DockerRegistry } from '../../test/support/dockerRegistry';
import { projectRoot } from '../../test/support/projectRoot';
import { newFolder, pullByCommand, pushByCommand } from '../../test/host/support/flows';
import { useRegistries } from '../../test/host/support/registries';
import { commandIds } from '../../src/host/commandIds';
import type { Manifest } from '../../src/oci/manifest';
import { mediaTypes } from '../../src/oci/mediaTypes';
import { CoreUse } from '../coreUse';
import type { Limit } from '../limits';
import { Pauses } from './pauses';
import { makeSampleData } from '../sampleData';

const GIB = 1024 ** 3;
const run = promisify(execFile);

/** Measures, and judges nothing: the figures are for the bench's table. */
describe('the extension host while the extension works', () => {
  const found: Limit[] = [];
  let registry: DockerRegistry;
  let folder: vscode.Uri;

  before(async () => {
    registry = await startDockerRegistry();
    folder = await newFolder();
  });
  after(async () => {
    await registry.stop();
    await useRegistries();
    await writeFile(path.join(projectRoot(), 'out/benchHost.json'), JSON.stringify(found, null, 2));
  });

  const note = (limit: Limit) => found.push({ ...limit, value: Math.round(limit.value * 10) / 10 });

  /** The delay of timers of a millisecond, which is what a keystroke waits for, and what stands in their way. */
  const watched = async (what: string, work: () => Promise<unknown>) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const pauses = new Pauses();
    const cores = new CoreUse('this extension host');
    delay.enable();
    await work();
    delay.disable();
    await pauses.end();
    const why = `${pauses.describe()} Cores: ${cores.describe()}.`;
    const noteMs = (title: string, value: number, limit: number) =>
      note({ title, unit: 'ms', value, limit, why });
    noteMs(`event loop delay, ${what}: p99`, delay.percentile(99) / 1e6, 20);
    noteMs(`event loop delay, ${what}: max`, delay.max / 1e6, 100);
    noteMs(`garbage collection, ${what}: longest`, pauses.longestCollectionMs, 100);
  };

  it('does nothing', () => watched('nothing to do', () => new Promise((done) => setTimeout(done, 3000))));

  // Now that VS Code itself has come to rest: until then one waits for it, and not for the extension.
  it('activates', async () => {
    const extension = vscode.extensions.getExtension('oci-artifacts.oci-artifacts');
    if (!extension || extension.isActive) throw new Error('There is no extension to activate');
    const start = performance.now();
    await extension.activate();
    const activatedMs = performance.now() - start;
    await vscode.commands.executeCommand(commandIds.refresh);
    const firstMs = performance.now() - start;
    note({ title: 'activation', unit: 'ms', value: activatedMs, limit: 30, why: registeringCommands() });
    note({ title: 'activation with a first command', unit: 'ms', value: firstMs, limit: 200 });
    for (const [what, file, limit] of [
      ['eager bundle', 'extension.js', 500],
      ['what is loaded behind it', 'main.js', 700],
    ] as const) {
      const { size } = await stat(path.join(extension.extensionPath, 'dist', file));
      note({ title: what, unit: 'kB', value: size / 1000, limit });
    }
  });

  it('pushes and pulls 1 GiB', async () => {
    await useRegistries({ host: registry.host, plainHttp: true });
    await makeSampleData(path.join(folder.fsPath, 'one'), { fileCount: 1, fileBytes: GIB });
    const file = vscode.Uri.joinPath(folder, 'one', '00000.bin');
    const reference = `${registry.host}/bench/one:1`;
    await watched('pushing 1 GiB', () => pushByCommand([file], reference));
    const pulled = await newFolder();
    await watched('pulling 1 GiB', () => pullByCommand([registry.host, 'bench/one', '1'], pulled));
    await watched('nothing to do while curl pulls 1 GiB five times', () => curlPulls(registry.host, 5));
  });

  it('pushes a folder of 600 MB', async () => {
    const packed = vscode.Uri.joinPath(folder, 'packed');
    await mkdir(packed.fsPath);
    const within = (name: string) => path.join(packed.fsPath, name);
    await makeSampleData(within('pictures'), { fileCount: 60, fileBytes: 4 * 1024 * 1024 });
    await makeSampleData(within('text'), { fileCount: 3600, fileBytes: 100 * 1024, words: true });
    await watched('packing and pushing 600 MB', () =>
      pushByCommand([packed], `${registry.host}/bench/folder:1`),
    );
  });
});

/** What VS Code takes by itself for what an activation does. */
function registeringCommands(): string {
  const ids = Object.values(commandIds).map((id) => `bench.${id}`);
  const startMs = performance.now();
  const registered = ids.map((id) => vscode.commands.registerCommand(id, () => undefined));
  const tookMs = performance.now() - startMs;
  for (const each of registered) each.dispose();
  return `VS Code takes ${tookMs.toFixed(1)} ms to register ${ids.length} commands; the rest is finding and reading the file.`;
}

/** By another process, so that the extension host has nothing to do with it. */
async function curlPulls(host: string, times: number): Promise<void> {
  const answer = await fetch(`http://${host}/v2/bench/one/manifests/1`, {
    headers: { Accept: mediaTypes.ociManifest },
  });
  const { layers } = (await answer.json()) as Manifest;
  for (let count = 0; count < times; count++)
    await run('curl', ['-sS', '-o', '/dev/null', `http://${host}/v2/bench/one/blobs/${layers[0]?.digest}`]);
}
