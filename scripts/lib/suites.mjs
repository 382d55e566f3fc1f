// Runs the bundled suites: unit, registry, faults and fuzz in plain Node, host and network inside VS Code.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeUserSettings } from '../vscodeHost/settings.mjs';
import { runNode } from './command.mjs';
import { makeCompanyNetwork } from './companyNetwork.mjs';
import { at, cache, root } from './places.mjs';
import { isIdle } from './idleMachine.mjs';
import { canStandIn } from './setupVscode.mjs';

const seconds = 1000;
const minutes = 60 * seconds;
const FUZZ_CASES = 100_000;

/**
 * name → how long one test and the whole suite may take; `slowMs` fails a suite that passed too slowly on a machine that
 * was idle before and after it.
 */
const limits = {
  unit: { testMs: 10 * seconds, suiteMs: 3 * minutes, slowMs: 60 * seconds },
  registry: { testMs: 2 * minutes, suiteMs: 15 * minutes },
  faults: { testMs: 2 * minutes, suiteMs: 15 * minutes },
  fuzz: { testMs: 10 * minutes, suiteMs: 30 * minutes },
  host: { testMs: 1 * minutes, suiteMs: 15 * minutes },
  network: { testMs: 1 * minutes, suiteMs: 5 * minutes },
  bench: { testMs: 5 * minutes, suiteMs: 15 * minutes },
};

/** More inputs than each parser gets by default may take so much longer. */
const timesLonger = (name) =>
  name === 'fuzz' ? Math.max(1, Number(process.env.OCI_FUZZ_CASES ?? 0) / FUZZ_CASES) : 1;
const testMsOf = (name) => limits[name].testMs * timesLonger(name);
const suiteMsOf = (name) => limits[name].suiteMs * timesLonger(name);

/** The suites that run inside VS Code. */
export const inVscode = ['host', 'network', 'bench'];

/** The suites of the tests in their order; `bench` measures only. */
export const suiteNames = Object.keys(limits).filter((name) => name !== 'bench');

const summaryFile = (name) => at('out/test', `${name}.json`);

/** Runs a suite and resolves with its summary; a suite that breaks off, runs nothing or is too slow has a failure more. */
export async function runSuite(name, grep) {
  console.log(`\n── ${name} ──`);
  rmSync(summaryFile(name), { force: true });
  const wasIdle = await isIdle();
  const trouble = await runner(name)(name, grep).then(
    () => undefined,
    (error) => error.message.split('\n')[0],
  );
  return judged({ name, grep, trouble, isTimed: wasIdle && (await isIdle()) });
}

const runner = (name) => (inVscode.includes(name) ? runHost : runInNode);

function judged({ name, grep, trouble, isTimed }) {
  if (!existsSync(summaryFile(name)))
    return { passed: 0, failed: [`broke off: ${trouble ?? 'no result'}`], skipped: [], durationMs: 0 };
  const summary = JSON.parse(readFileSync(summaryFile(name), 'utf8'));
  const { failed, durationMs } = summary;
  const count = summary.passed + failed.length + summary.skipped.length;
  if (trouble && failed.length === 0) failed.push(`ended badly: ${trouble}`);
  if (count === 0 && !grep) failed.push('ran no tests');
  if (isTimed && durationMs > (limits[name].slowMs ?? Infinity))
    failed.push(`took ${Math.round(durationMs / 1000)} s`);
  return summary;
}

const environment = (name, grep = '') => ({
  OCI_SUITE_FILE: at('out/test', `${name}.js`),
  OCI_SUITE_SUMMARY: summaryFile(name),
  OCI_SUITE_GREP: grep,
  OCI_SUITE_TIMEOUT_MS: String(testMsOf(name)),
});

function runInNode(name, grep) {
  const program = at('scripts/lib/runNodeSuite.mjs');
  const options = { cwd: root, env: environment(name, grep), timeoutMs: suiteMsOf(name), show: true };
  return runNode([program], options);
}

/**
 * The extension host sees an empty home and its own copy of the sample workspace; for the network suite it starts in an
 * environment that names a proxy and an authority.
 */
async function runHost(name, grep) {
  const { runTests } = await import('@vscode/test-electron');
  const home = mkdtempSync(path.join(os.tmpdir(), 'oci-home-'));
  const user = path.join(home, 'vscode');
  writeUserSettings(user);
  try {
    const network = name === 'network' ? await makeCompanyNetwork(home) : {};
    await runTests({
      ...vscodeOptions(),
      extensionDevelopmentPath: root,
      extensionTestsPath: at('scripts/lib/mochaSuite.cjs'),
      launchArgs: [
        copyOfSamples(home),
        `--user-data-dir=${user}`,
        `--extensions-dir=${path.join(home, 'extensions')}`,
      ],
      extensionTestsEnv: { ...environment(name, grep), ...hermetic(home), ...timeLimit(name), ...network },
    });
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A desktop VS Code is downloaded where the stand-in cannot run, and on Linux when it is asked for. */
function vscodeOptions() {
  if (canStandIn && process.env.OCI_ARTIFACTS_DESKTOP !== '1')
    return { vscodeExecutablePath: at('scripts/vscodeHost/code.mjs') };
  return { cachePath: cache('vscode-desktop') };
}

const hermetic = (home) => ({
  HOME: home,
  USERPROFILE: home,
  DOCKER_CONFIG: path.join(home, '.docker'),
  REGISTRY_AUTH_FILE: undefined,
});

const timeLimit = (name) => ({ OCI_HOST_TIMEOUT: String(suiteMsOf(name) / seconds) });

function copyOfSamples(home) {
  const copy = path.join(home, 'workspace');
  mkdirSync(copy);
  if (existsSync(at('scripts/samples/workspace')))
    cpSync(at('scripts/samples/workspace'), copy, { recursive: true });
  return copy;
}
