// npm run bench [-- --pairs N --job NAME]: measures jobs beside oras and skopeo, prints tables, writes out/bench.json.
// The job `host` measures inside VS Code, `limits` what is held to a limit of its own; all jobs by default.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build as buildAll } from './lib/build.mjs';
import { at, root } from './lib/places.mjs';
import { runProgram } from './lib/program.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { setupPeers } from './lib/setupPeers.mjs';
import { setupVscode } from './lib/setupVscode.mjs';
import { runSuite } from './lib/suites.mjs';

const args = process.argv.slice(2);
const jobs = args.filter((_, index) => args[index - 1] === '--job');
const inHost = jobs.length === 0 || jobs.includes('host');

await runProgram(async () => {
  rmSync(at('out/benchHost.json'), { force: true });
  await setupDependencies();
  await setupPeers(['oras', 'docker-registry', 'distribution', 'skopeo', ...(inHost ? ['chromium'] : [])]);
  if (inHost) await measureInHost();
  // Only now: on a fresh machine these come with the dependencies.
  const { build } = await import('esbuild');
  const { nodeOptions } = await import('../esbuild.mjs');
  const entryPoints = ['bench', 'benchClient'].map((name) => at(`bench/${name}.ts`));
  await build(nodeOptions({ entryPoints, outdir: at('out/bin') }));
  const bench = [at('out/bin/bench.js'), ...args];
  process.exitCode = spawnSync(process.execPath, bench, { cwd: root, stdio: 'inherit' }).status ?? 1;
});

async function measureInHost() {
  await setupVscode();
  await buildAll('--tests', '--production');
  const { failed } = await runSuite('bench');
  if (failed.length > 0) throw new Error(failed.join('\n'));
}
