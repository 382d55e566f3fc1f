// npm start: sets up, starts the embedded registry with sample artifacts, and opens VS Code on a sample workspace.
// npm start -- --check does the same without a display, uses the extension as a person would, and ends with 0 or 1.
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { Children } from './lib/children.mjs';
import { freePort } from './lib/freePort.mjs';
import { openVscode } from './lib/openVscode.mjs';
import { cache } from './lib/places.mjs';
import { runProgram } from './lib/program.mjs';
import { startSampleRegistry } from './lib/sampleRegistry.mjs';
import { copySampleWorkspace } from './lib/sampleWorkspace.mjs';
import { done, since } from './lib/say.mjs';
import { settingsFor } from './lib/settingsFor.mjs';
import { setupDependencies } from './lib/setupDependencies.mjs';
import { writeUserSettings } from './vscodeHost/settings.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean' } } });

async function prepare() {
  const started = Date.now();
  await setupDependencies();
  await build('--programs');
  done('Build', since(started));
}

async function start(children) {
  const port = await freePort(5000);
  const registry = await startSampleRegistry(children, { folder: cache('start/registry'), port });
  done('Local registry', registry);
  const places = { workspace: cache('start/workspace'), userDataDir: cache('start/user') };
  copySampleWorkspace(places.workspace);
  forgetOtherRegistry(places.userDataDir, registry);
  writeUserSettings(places.userDataDir, settingsFor(registry));
  const vscode = await openVscode(children, places);
  console.log('Ctrl+C ends all of it.');
  await new Promise((resolve) => vscode.once('exit', resolve));
}

/** Settings of an earlier run stay, with what a person changed, as long as the registry is at the same port. */
function forgetOtherRegistry(userDataDir, registry) {
  const file = path.join(userDataDir, 'User/settings.json');
  try {
    if (!readFileSync(file, 'utf8').includes(registry)) rmSync(file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

async function main() {
  const children = new Children();
  const stop = () => void children.endAll().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  try {
    await prepare();
    if (!values.check) return await start(children);
    const { runCheck } = await import('./check/runCheck.mjs');
    process.exitCode = (await runCheck(children)) ? 0 : 1;
  } finally {
    await children.endAll();
  }
}

await runProgram(main);
