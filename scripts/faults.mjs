// npm run faults [-- --operation TEXT] [--server TEXT] [--fault TEXT] [--sample N] [--seed N]: does harm to every request
// of every operation, prints a table by fault, writes out/faults.json and out/faults.md. With --soak [N] (2,000) instead:
// so many pushes, pulls and deletes, a table of what could grow, out/soak.json and out/soak.md; fails where something does.
import { spawnSync } from 'node:child_process';
import { at, root } from './lib/places.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { setupPeers } from './lib/setupPeers.mjs';

await setupDependencies();
await setupPeers(['docker-registry']);
// Only now: on a fresh machine these come with the dependencies.
const { build } = await import('esbuild');
const { nodeOptions } = await import('../esbuild.mjs');
const entryPoints = {
  faults: at('test/faults/main.ts'),
  localRegistry: at('scripts/programs/localRegistry.ts'),
};
await build(nodeOptions({ entryPoints, outdir: at('out/bin') }));

const args = ['--enable-source-maps', at('out/bin/faults.js'), ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
