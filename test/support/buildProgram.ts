import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Esbuild from 'esbuild';
import { projectRoot } from './projectRoot';

/** Bundles a program that a test starts as a process of its own; `entry` is from the checkout's top. */
export async function buildProgram(entry: string, outfile: string): Promise<string> {
  const { build } = createRequire(path.join(projectRoot(), 'package.json'))('esbuild') as typeof Esbuild;
  const entryPoints = [path.join(projectRoot(), entry)];
  const mainFields = ['module', 'main'];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', mainFields, logLevel: 'error' });
  return outfile;
}
