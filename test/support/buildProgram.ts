import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Esbuild from 'esbuild';
import { projectRoot } from './projectRoot';

/** What esbuild.mjs exports: our options for code that runs in Node. */
interface Bundler {
  readonly nodeOptions: (options: Esbuild.BuildOptions) => Esbuild.BuildOptions;
}

/**
 * Bundles a program that a test starts as a process of its own, as the extension is bundled; `entry` is from the
 * checkout's top.
 */
export async function buildProgram(entry: string, outfile: string): Promise<string> {
  const root = projectRoot();
  const { build } = createRequire(path.join(root, 'package.json'))('esbuild') as typeof Esbuild;
  const bundler = (await import(pathToFileURL(path.join(root, 'esbuild.mjs')).href)) as Bundler;
  await build(bundler.nodeOptions({ entryPoints: [path.join(root, entry)], outfile, sourcemap: false }));
  return outfile;
}
