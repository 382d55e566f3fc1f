// npm run bench [-- --pairs N --job NAME]: measures jobs beside oras and skopeo, prints tables, writes out/bench.json.
import { spawnSync } from 'node:child_process';
import { at, root } from './lib/places.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { setupPeers } from './lib/setupPeers.mjs';

await setupDependencies();
await setupPeers(['oras', 'docker-registry', 'distribution', 'skopeo']);
// Only now: on a fresh machine these come with the dependencies.
const { build } = await import('esbuild');
const { nodeOptions } = await import('../esbuild.mjs');
const entryPoints = ['bench', 'benchClient'].map((name) => at(`bench/${name}.ts`));
await build(nodeOptions({ entryPoints, outdir: at('out/bin') }));

const args = [at('out/bin/bench.js'), ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
