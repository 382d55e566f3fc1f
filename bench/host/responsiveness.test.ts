import { mkdir, stat, writeFile } from 'node:fs/promises';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import path from 'node:path';
import * as vscode from 'vscode';
import { startDockerRegistry, type DockerRegistry } from '../../test/support/dockerRegistry';
import { projectRoot } from '../../test/support/projectRoot';
import { newFolder, pullByCommand, pushByCommand } from '../../test/host/support/flows';
import { useRegistries } from '../../test/host/support/registries';
import { commandIds } from '../../src/host/commandIds';
import type { Limit } from '../limits';
import { makeSampleData } from '../sampleData';

const GIB = 1024 ** 3;

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

  const note = (title: string, unit: string, value: number, limit: number) =>
    found.push({ title, unit, value: Math.round(value * 10) / 10, limit });

  /** The delay of timers of a millisecond, which is what a keystroke waits for. */
  const watched = async (what: string, work: () => Promise<unknown>) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const pausesMs = [0];
    const collections = new PerformanceObserver((list) =>
      pausesMs.push(...list.getEntries().map(({ duration }) => duration)),
    );
    collections.observe({ entryTypes: ['gc'] });
    delay.enable();
    await work();
    delay.disable();
    // What was seen last is told in the next turn.
    await new Promise(setImmediate);
    collections.disconnect();
    note(`event loop delay, ${what}: p99`, 'ms', delay.percentile(99) / 1e6, 20);
    note(`event loop delay, ${what}: max`, 'ms', delay.max / 1e6, 100);
    note(`garbage collection, ${what}: longest`, 'ms', Math.max(...pausesMs), 100);
  };

  it('does nothing', () => watched('nothing to do', () => new Promise((done) => setTimeout(done, 3000))));

  // Now that VS Code itself has come to rest: until then one waits for it, and not for the extension.
  it('activates', async () => {
    const extension = vscode.extensions.getExtension('oci-artifacts.oci-artifacts');
    if (!extension || extension.isActive) throw new Error('There is no extension to activate');
    const start = performance.now();
    await extension.activate();
    note('activation', 'ms', performance.now() - start, 30);
    await vscode.commands.executeCommand(commandIds.refresh);
    note('activation with a first command', 'ms', performance.now() - start, 200);
    for (const [what, file, limit] of [
      ['eager bundle', 'extension.js', 500],
      ['what is loaded behind it', 'main.js', 700],
    ] as const) {
      const { size } = await stat(path.join(extension.extensionPath, 'dist', file));
      note(what, 'kB', size / 1000, limit);
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
