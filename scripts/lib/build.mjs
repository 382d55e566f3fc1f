// The builds and static checks, each a program of its own.
import { runNode } from './command.mjs';
import { at, root } from './places.mjs';

const tool = (file, ...args) => runNode([at('node_modules', file), ...args], { cwd: root });

/** Bundles with esbuild.mjs; flags as it takes them (`--production`, `--tests`, `--programs`). */
export const build = (...flags) => runNode([at('esbuild.mjs'), ...flags], { cwd: root });

/** The page code of media/ (a browser's types) and the programs of scripts/ have a tsconfig.json of their own. */
export async function checkTypes() {
  for (const project of ['.', 'media', 'scripts'])
    await tool('typescript/bin/tsc', '--noEmit', '-p', project);
}

export const lint = () => tool('eslint/bin/eslint.js', '.', '--max-warnings=0');
export const checkFormat = () => tool('prettier/bin/prettier.cjs', '--check', '.', '--log-level=warn');
