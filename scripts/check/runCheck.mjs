// npm start -- --check: a new user's way through the extension, by real clicks, with a picture of each step.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installExtension } from '../lib/installExtension.mjs';
import { at } from '../lib/places.mjs';
import { startSampleRegistry } from '../lib/sampleRegistry.mjs';
import { copySampleWorkspace } from '../lib/sampleWorkspace.mjs';
import { done, failed, since } from '../lib/say.mjs';
import { settingsFor } from '../lib/settingsFor.mjs';
import { setupPeers } from '../lib/setupPeers.mjs';
import { setupVscode } from '../lib/setupVscode.mjs';
import { stepsFor } from './steps.mjs';
import { Workbench } from './workbench.mjs';

const pictures = at('out/check');
const sample = 'README.md';
const seeded = { repository: 'hello', tag: '1.0.0' };

/** Runs all steps in a fresh VS Code against a fresh registry; resolves with whether every one of them worked. */
export async function runCheck(children) {
  await Promise.all([setupPeers(['chromium']), setupVscode()]);
  const root = mkdtempSync(path.join(os.tmpdir(), 'oci-check-'));
  try {
    return await checkIn(root, children);
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function checkIn(root, children) {
  const places = {
    extensionsDir: path.join(root, 'extensions'),
    userDataDir: path.join(root, 'user'),
    folder: path.join(root, 'workspace'),
  };
  const pulled = path.join(root, 'pulled');
  mkdirSync(pulled);
  copySampleWorkspace(places.folder);
  const registry = await startSampleRegistry(children, { folder: path.join(root, 'registry'), port: 0 });
  await installExtension(places);
  const facts = { registry, workspace: places.folder, pulled, sample };
  return runSteps(places, facts, { HOME: root, DOCKER_CONFIG: path.join(root, '.docker') });
}

async function runSteps(places, facts, env) {
  const { runInVscode } = await import('../vscodeHost/runInVscode.mjs');
  rmSync(pictures, { recursive: true, force: true });
  mkdirSync(pictures, { recursive: true });
  let passed = false;
  await runInVscode({
    ...places,
    env,
    settings: settingsFor(facts.registry),
    timeoutSeconds: 240,
    drive: async (page) => {
      const workbench = new Workbench(page);
      await workbench.ready();
      passed = await walk(workbench, facts);
    },
  });
  return passed;
}

/** The first step that fails ends the walk: the others build on it. */
async function walk(workbench, facts) {
  for (const [at, step] of stepsFor(seeded).entries()) {
    const started = Date.now();
    const error = await step.act(workbench, facts).then(() => undefined, asError);
    await photograph(workbench, at, step);
    if (error) {
      failed(step.name, error.message);
      return false;
    }
    done(step.name, since(started));
  }
  return true;
}

const asError = (error) => (error instanceof Error ? error : new Error(String(error)));

async function photograph(workbench, at, { name, keepsMouse = false }) {
  const file = `${String(at + 1).padStart(2, '0')}-${name.replaceAll(/\W+/g, '-')}.png`;
  if (!keepsMouse) await workbench.leave();
  await workbench.page.screenshot({ path: path.join(pictures, file) });
}
